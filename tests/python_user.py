"""What a user writes, as a user's type checker sees it: `make types` reads this file, nobody runs it."""

from datetime import date

import switchpoint as sp


def ask() -> tuple[date | None, date | None, float]:
    """A base case, a hundred draws and a table."""
    s: sp.Scenario = sp.load("ours.toml").with_({"months": 24})
    r: sp.Result = sp.simulate(s)
    by: date | None = r.verdict.start_by
    live: date | None = r.candidates["own-8b"].cutover
    d: sp.Draws = sp.draw(s, 10, seed=1)
    mean: float = d.candidates["own-8b"].npv_saving_usd
    total: float = r.monthly["stay_usd"].sum()
    return by, live, mean + total
