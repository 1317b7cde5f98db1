"""Fleet, purchases, serving."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.decision.workbook_figures import WorkbookFleet
from switchpoint.export.workbook.candidate_columns import Purchases
from switchpoint.export.workbook.formula import (
    CellRange,
    Column,
    Grid,
    Term,
    largest,
    rounded_down,
    rounded_up,
    where,
)
from switchpoint.export.workbook.inputs_sheet import About, Book, Calendar
from switchpoint.export.workbook.styles import COUNT, FACTOR
from switchpoint.finance import replacements
from switchpoint.horizon import Floats
from switchpoint.review.pages import short
from switchpoint.scenario.candidates import Fleet
from switchpoint.scenario.errors import Keys, dotted_path


@dataclass(frozen=True)
class Node:
    """GPUs as they are sold: a node holds whole replicas, or a replica takes whole nodes.

    Args:
        holds: replicas that share what is sold together.
        paid: GPUs that are paid for them.
    """

    holds: Term
    paid: Term

    def gpus(self, replicas: Term) -> Term:
        """GPUs that are paid for so many replicas."""
        return rounded_up(replicas / self.holds) * self.paid

    def gpu_hours(self, kept: Term, hours: CellRange) -> Term:
        """GPU-hours of a day: replicas kept at each level of the load, shape (levels, days), or as many at all, for so
        many hours each, shape (levels, 1)."""
        nodes = rounded_up(kept / self.holds)
        if np.ndim(nodes.value) == 0:
            return hours.total * nodes * self.paid
        each = np.asarray(nodes.value) * np.asarray(hours.value)
        return Term(f"SUMPRODUCT({hours.text},{nodes.text})", each.sum(axis=0)) * self.paid


@dataclass(frozen=True)
class FleetSheet:
    """One fleet on the sheet of its candidate.

    Args:
        grid: the candidate's days.
        book: the workbook.
        days: the days that all share.
        requests: of each of them.
        spec: what the scenario says.
        settled: what the simulation says.
        path: the fleet's place in the scenario.
        retry_share: extra requests.
    """

    grid: Grid
    book: Book
    days: Calendar
    requests: Column
    spec: Fleet
    settled: WorkbookFleet
    path: Keys
    retry_share: Term

    def field(self, name: str) -> Term:
        """A number of the fleet on the sheet of inputs."""
        return self.book.inputs.field(*self.path, name)

    def capacity(self) -> Column:
        """Requests per second of one replica."""
        if self.settled.measured:
            rate = self.field("requests_per_second_per_replica")
            return self.grid.add("Capacity of a replica", "requests/s", rate, "0.000")
        return self.grid.add_values("Capacity of a replica", "requests/s, simulated", self.settled.capacity, "0.000")

    def load(self, share: Term, capacity: Column, what: str) -> Column:
        """Replicas that a share of a day's requests would take if they all came within one hour."""
        planned = capacity * self.book.inputs.seconds_per_hour * self.field("target_utilisation")
        requests = self.requests * (1 + self.retry_share) * share
        return self.grid.add(what, "replicas, if in one hour", where(capacity > 0, requests / planned, 0), FACTOR)

    def levels(self) -> tuple[CellRange, CellRange]:
        """Parts of a day's load that size the fleet, rising, and how many hours each does; shape (levels, 1)."""
        name = self.book.inputs.name_of(self.path)
        parts = self._block(f"{name}_load_levels", self.settled.hours, "part of a day's requests", "share")
        return parts, self._block(f"{name}_load_hours", self.settled.hours_of, "hours of the day", "hours")

    def _block(self, name: str, values: Floats, what: str, unit: str) -> CellRange:
        words = [
            About(f"{short(str(self.path[1]))}: level {k + 1} of the hourly load, {what}", unit, "usage.hourly_profile")
            for k in range(len(values))
        ]
        block = self.book.inputs.block(name, [float(value) for value in values], words)
        return CellRange(block.text, block.values[:, None])

    def most_replicas(self, load: Column, weights: CellRange, live: Column) -> Column:
        """Replicas of the busiest hour of each day."""
        kept = where(live.equals(1), self._kept_replicas(load, weights.top), 0)
        return self.grid.add("Most replicas", "replicas", kept, COUNT)

    def node(self) -> Node:
        """GPUs as they are sold, worked out above the next column."""
        each, size, place = self.field("gpus_per_replica"), self._node_size(), self.grid.next
        holds = self.grid.parameter(0, "Replicas of a node", largest(1, rounded_down(size / each)), place, COUNT)
        gpus = self.grid.parameter(1, "GPUs paid together", size * rounded_up(each / size), place, COUNT)
        return Node(holds, gpus)

    def _node_size(self) -> Term:
        """GPUs that are only sold together: as stated, else the catalogue's, else 1."""
        path = (*self.path, "gpus_per_node")
        if dotted_path(path) in self.book.inputs.stated:
            return self.field("gpus_per_node")
        about = About(
            "GPUs that are only sold together", "GPUs", "assumption: sold one by one", field=dotted_path(path)
        )
        return self.book.inputs.number(self.book.inputs.name_of(path), 1.0, about)

    def _kept_replicas(self, load: Column, weight: Term) -> Term:
        """Replicas kept for one level or for all: the needed ones, at least the minimum, and the spare ones; at most
        the cap. Of all levels at once it is an array, for which MAX and MIN are written as differences."""
        if self.spec.fixed_replicas is not None:
            return self.field("fixed_replicas")
        regions = self.field("regions")
        needed = rounded_up(load * weight - self.book.inputs.tolerance)
        least = self.field("min_replicas") * regions
        replicas = least + (needed - least) * (needed > least) + self.field("spare_replicas") * regions
        if self.spec.max_replicas is None:
            return replicas
        most = self.field("max_replicas")
        return replicas + (most - replicas) * (replicas > most)

    def too_small(self, load: Column, weights: CellRange) -> Term:
        """Whether a fixed or capped fleet is too small for a load at its busiest."""
        most = self.field("max_replicas" if self.spec.fixed_replicas is None else "fixed_replicas")
        return rounded_up(load * weights.top - self.book.inputs.tolerance) > most

    def rent(self, load: Column, weights: CellRange, hours: CellRange, live: Column) -> Term:
        """Dollars a day of rented nodes, packed anew for each level of the load, and of what runs with them."""
        kept = self._kept_replicas(load, weights)
        hired = where(live.equals(1), self.node().gpu_hours(kept, hours), 0)
        return self.rent_of(self.grid.add("GPU-hours paid", "hours/day", hired, COUNT), live)

    def rent_of(self, gpu_hours: Term, live: Column) -> Term:
        """Dollars a day of GPU-hours on demand, of reserved replicas, and of what runs with them."""
        inputs, grid, t = self.book.inputs, self.grid, self.days.t
        change = (1 + self.field("usd_per_gpu_hour_change_per_year")) ** (t / inputs.months_per_year)
        gpu_hour = self._gpu_hour() * change * (1 + self.field("overhead_share"))
        rent = grid.add("Rent of a GPU", "$/hour", gpu_hour, "0.0000")
        beside = self._beside()
        if self.settled.simulated is not None and self.spec.reserved_replicas:
            gpus = grid.add_values("GPUs reserved", "GPUs", self.settled.simulated.reserved, COUNT)
            a_day = self.field("reserved_usd_per_gpu_hour") * gpus * inputs.hours_per_day
            beside = beside + a_day * (1 + self.field("overhead_share"))
        return where(live.equals(1), gpu_hours * rent + beside, 0)

    def _gpu_hour(self) -> Term:
        if self.spec.usd_per_gpu_hour is not None:
            return self.field("usd_per_gpu_hour")
        field = dotted_path((*self.path, "usd_per_gpu_hour"))
        row = next((row for row in self.book.result.sources if row["field"] == field), None)
        about = About(
            f"Rent of a GPU, {row['what']}" if row else "Rent of a GPU",
            "$/GPU-hour",
            row["source"] if row else "catalogue",
            str(row["date"]) if row else "",
            field=field,
        )
        name = self.book.inputs.name_of((*self.path, "usd_per_gpu_hour"))
        return self.book.inputs.number(name, self.settled.usd_per_gpu_hour, about)

    def _beside(self) -> Term:
        """Dollars a day of all else that runs with the fleet."""
        inputs = self.book.inputs
        return self.field("usd_per_month") * inputs.months_per_year / inputs.days_per_year

    def power(self, most: Column, live: Column) -> tuple[Column, Term]:
        """GPUs owned, and dollars a day of their power and of what runs beside them."""
        owned = self.grid.most("GPUs owned", "GPUs", self.node().gpus(most), COUNT)
        return owned, self.power_of(owned, live)

    def power_of(self, owned: Column, live: Column) -> Term:
        """Dollars a day of the power of GPUs, and of what runs beside them."""
        inputs = self.book.inputs
        kwh = self.field("power_kw_per_gpu") * self.field("pue") * inputs.hours_per_day
        power = owned * kwh * self.field("usd_per_kwh") * (1 + self.field("overhead_share"))
        return power + where(live.equals(1), self._beside(), 0)


def purchases(fleet: FleetSheet, owned: Column, last_day: Term) -> Purchases:
    """What bought GPUs cost as capital.

    Args:
        fleet: the fleet.
        owned: GPUs owned on each day.
        last_day: number of the horizon's last day.
    """
    grid, price, resale = fleet.grid, fleet.field("purchase_usd_per_gpu"), fleet.field("resale_share")
    life = fleet.field("lifetime_months") * fleet.book.inputs.days_per_month
    place = grid.next
    bought = grid.change("GPUs bought", "GPUs", owned, COUNT)
    ages = [grid.parameter(1, "Age at replacement", Term("0", 0.0), place, COUNT)]
    again: Term | None = None
    for k in range(1, len(replacements(fleet.spec.lifetime_months, grid.rows)) + 1):
        age = _age(fleet, k, life)
        replaced = _replacements(fleet, bought, k, age)
        ages.append(age)
        again = replaced if again is None else again + replaced
    spent = bought * price
    if again is not None:
        spent = spent + again * price * (1 - resale)
    left = _value_left(fleet, ages, life, last_day)
    end = Term(f"SUMPRODUCT({bought.range.text},{left.range.text})", float(bought.values @ left.values))
    capital = grid.add("Capital: purchases", "$/day", spent)
    credit = grid.add("Capital: credit of the last day", "$/day", where(fleet.days.day.equals(last_day), -end, 0))
    more = Term(f"COUNT({_row(ages)})", float(len(ages)))
    return Purchases(capital, credit, rounded_down(more * life + fleet.book.inputs.tolerance))


def _row(ages: list[Term]) -> str:
    """The ages, side by side above the columns of GPUs bought for the first time and again."""
    return f"{ages[0].text}:{ages[-1].text.split('!')[1]}"


def _age(fleet: FleetSheet, k: int, life: Term) -> Term:
    """Days after purchase on which the k-th replacement falls: floor(k·lifetime·30.4375)."""
    place = fleet.grid.next
    number = fleet.grid.parameter(0, "Number of the replacement", Term(str(k), float(k)), place, COUNT)
    days = rounded_down(number * life + fleet.book.inputs.tolerance)
    return fleet.grid.parameter(1, "Age at replacement", days, place, COUNT)


def _replacements(fleet: FleetSheet, bought: Column, k: int, age: Term) -> Column:
    """GPUs bought for the k-th time again: as many as were first bought that many days before."""
    day = fleet.days.day
    shifted = np.roll(bought.values, int(age.number))
    then = Term(f"INDEX({bought.range.text},{day.text}-{age.text}+1)", shifted)
    return fleet.grid.add(f"GPUs replaced, time {k}", "GPUs", where(day >= age, then, 0), COUNT)


def _value_left(fleet: FleetSheet, ages: list[Term], life: Term, last_day: Term) -> Column:
    """What a GPU first bought on a day is worth on the last one: price x max(resale, 1 - age/lifetime)."""
    age = last_day - fleet.days.day
    known = CellRange(_row(ages), np.array([each.number for each in ages]))
    latest = known.upto(age, known)
    worth = largest(fleet.field("resale_share"), 1 - (age - latest) / life)
    return fleet.grid.add(
        "Value left of a GPU on the last day", "$", fleet.field("purchase_usd_per_gpu") * worth, FACTOR
    )
