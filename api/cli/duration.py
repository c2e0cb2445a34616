"""A length of time on the command line: `90d`, `12h`, `30m`, `45s`."""

import re
from datetime import timedelta

import click

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=36_500)


class Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,9})([smhd])", value)
        if found is None or (length := timedelta(**{UNITS[found[2]]: int(found[1])})) > LONGEST:
            self.fail(f"{value!r} is no length of time. Write it as 90d, 12h, 30m or 45s.", param, ctx)
        return length


DURATION = Duration()
