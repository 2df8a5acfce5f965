/* Takes the place of unfold's Chart.js: no staff page draws charts. */
