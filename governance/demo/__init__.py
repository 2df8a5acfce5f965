"""The demo township: 西兴镇 as it is on paper, with invented people (mission M01–M03, M22–M24).

`sources` reads data/, `places`, `people` and `deeds` invent (pure, seeded), `township` and its loaders write in sets,
`county` scales to a county in SQL alone.
"""
