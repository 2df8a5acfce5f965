"""Invented families; pure and seeded. ID numbers use region 511929 (no county's), phones begin with 154."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from governance.demo.sources import hard_names, weighted_names

REGION = "511929"
REFERENCE = date(2026, 1, 1)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Person:
    """One member of a family; `age` is in full years on 2026-01-01, `status` as `Resident.Status`."""

    name: str
    sex: str
    age: int
    relation: str
    birth: date
    id_number: str = ""
    phone: str = ""
    status: str = "present"
    status_on: date | None = None


def checksum(body: str) -> str:
    """The eighteenth character of an ID number (GB 11643-1999) for its first seventeen."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


class Census:
    """Hands out names, ID numbers and phone numbers, none twice."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._serials: Counter[tuple[date, str]] = Counter()
        self._phones = 0

    def surname(self) -> str:
        values, weights = weighted_names("last")
        return self.rng.choices(values, weights)[0]

    def name(self, sex: str, surname: str) -> str:
        values, weights = weighted_names("first_male" if sex == "M" else "first_female")
        return surname + self.rng.choices(values, weights)[0]

    def birth(self, age: int) -> date:
        return REFERENCE.replace(year=REFERENCE.year - age) - timedelta(days=self.rng.randint(1, 364))

    def id_number(self, birth: date, sex: str) -> str:
        """Region, birth date, a serial (odd for men, even for women), check character."""
        serial = self._serials[birth, sex] * 2 + (1 if sex == "M" else 2)
        self._serials[birth, sex] += 1
        body = f"{REGION}{birth:%Y%m%d}{serial:03d}"
        return body + checksum(body)

    def phone(self) -> str:
        self._phones += 1
        return f"154{self._phones * 7919 % 10**8:08d}"

    def person(self, sex: str, surname: str, age: int, relation: str) -> Person:
        birth = self.birth(age)
        phone = self.phone() if age >= 16 and self.rng.random() < 0.85 else ""
        return Person(
            self.name(sex, surname),
            sex,
            age,
            relation,
            birth,
            self.id_number(birth, sex),
            phone,
            *self._status(age, relation),
        )

    def _status(self, age: int, relation: str) -> tuple[str, date | None]:
        chance = self.rng.random()
        day = REFERENCE - timedelta(days=self.rng.randint(60, 900))
        if relation in ("父亲", "母亲") and chance < 0.15:
            return "died", day
        if relation in ("子", "女") and age >= 20 and chance < 0.06:
            return "moved", day
        return "present", None

    def family(self) -> list[Person]:
        """户主 first, then 配偶, parents, children, their spouses and children; about three and a half persons."""
        rng = self.rng
        sex, age, surname = rng.choices("MF", (85, 15))[0], int(rng.triangular(26, 84, 50)), self.surname()
        found = [self.person(sex, surname, age, "户主")]
        youngest = age
        if rng.random() < (0.84 if age < 66 else 0.62):
            youngest = max(age - rng.randint(-2, 5), 22)
            found.append(self.person("F" if sex == "M" else "M", self.surname(), youngest, "配偶"))
        if 28 <= age <= 60 and rng.random() < 0.45:
            parent = rng.choice("MF")
            older = min(age + rng.randint(20, 28), 96)
            relation = "父亲" if parent == "M" else "母亲"
            found.append(self.person(parent, surname if parent == "M" else self.surname(), older, relation))
        found += self._children(surname, min(age, youngest))
        return found

    def _children(self, surname: str, age: int) -> list[Person]:
        rng, found = self.rng, []
        odds = (30, 48, 22, 0) if age < 35 else (10, 46, 36, 8) if age <= 50 else (30, 48, 20, 2)
        for _ in range(rng.choices((0, 1, 2, 3), odds)[0]):
            child_age = max(age - rng.randint(21, 31), 0)
            sex = rng.choice("MF")
            found.append(self.person(sex, surname, child_age, "子" if sex == "M" else "女"))
            if sex == "M" and child_age >= 24 and rng.random() < 0.5:
                found.append(self.person("F", self.surname(), max(child_age - rng.randint(-1, 4), 21), "儿媳"))
                if rng.random() < 0.6:
                    grandson = rng.choice("MF")
                    years = max(child_age - rng.randint(22, 29), 0)
                    found.append(self.person(grandson, surname, years, "孙子" if grandson == "M" else "孙女"))
        return found


def families(rng: Random, count: int) -> list[list[Person]]:
    """`count` families; the hard names are given to heads evenly over all of them."""
    census = Census(rng)
    found = [census.family() for _ in range(count)]
    names = hard_names()
    for index, name in enumerate(names):
        family = found[index * count // len(names)]
        family[0] = replace(family[0], name=name)
    return found
