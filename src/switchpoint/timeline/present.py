"""Present cost of many starts at once, from cumulative sums instead of arrays over days.

Between two events every flow is a known array times a share that is constant or, on the ramp, a straight line. So its
present value is a difference of cumulative sums. Only what is settled by the month depends on more than that; such
candidates are travelled day by day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.clock import PER_DAY, Floats, Ints
from switchpoint.finance import replacements
from switchpoint.scenario.quantity import num
from switchpoint.timeline.carriers import FleetCarrier, TokenCarrier
from switchpoint.timeline.path import shares, travel
from switchpoint.timeline.prospect import Prospect
from switchpoint.timeline.schedule import Labelling, Schedule


@dataclass(frozen=True)
class Sums:
    """Discounted cumulative sums of a flow: of the flow itself and of the flow times its day."""

    plain: Floats
    by_day: Floats

    @classmethod
    def of(cls, flow: Floats, discount: Floats) -> Sums:
        """Sums of dollars a day, shape (days,)."""
        present = flow * discount
        return cls(_cumulative(present), _cumulative(present * np.arange(flow.size)))

    def between(self, first: Ints, end: Ints) -> Floats:
        """Present value of the days from `first` to the one before `end`."""
        begin, stop = self._inside(first, end)
        value: Floats = self.plain[stop] - self.plain[begin]
        return value

    def rising(self, first: Ints, end: Ints, steps: Ints) -> Floats:
        """The same with each day weighted (day - first + 0.5)/steps."""
        begin, stop = self._inside(first, end)
        days = self.by_day[stop] - self.by_day[begin]
        value: Floats = (days - (first - 0.5) * (self.plain[stop] - self.plain[begin])) / np.maximum(steps, 1)
        return value

    def _inside(self, first: Ints, end: Ints) -> tuple[Ints, Ints]:
        """The days cut to the horizon; none where they end before they begin."""
        begin = _within(first, self.plain.size - 1)
        return begin, np.maximum(_within(end, self.plain.size - 1), begin)


def _within(day: Ints, last: int) -> Ints:
    """Days cut to 0 … last."""
    return np.minimum(np.maximum(day, 0), last)


def _cumulative(flow: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(flow)))


def present_costs(prospect: Prospect, schedule: Schedule, discount: Floats) -> Floats:
    """Discounted dollars of the switch path for projects that start on the given days.

    Args:
        prospect: the candidate.
        schedule: the project's days for those starts, from the candidate's planner.
        discount: present value of a dollar on each day, shape (days,).
    """
    if not _additive(prospect):
        present: Floats = travel(prospect, schedule.start).ledger.total @ discount
        return present
    return (
        _traffic(prospect, schedule, discount)
        + _carrier(prospect, schedule, discount)
        + _project(prospect, schedule, discount)
    )


def _additive(prospect: Prospect) -> bool:
    carrier = prospect.carrier
    settled = isinstance(carrier, TokenCarrier) and bool(carrier.tariff.commitments)
    return not (prospect.setting.current.commitments or settled)


def _down(prospect: Prospect, flow: Sums, cutover: Ints, end: Ints) -> Floats:
    """Present value of a flow over the days of incidents, up to the one before `end`."""
    value = np.zeros(cutover.shape)
    for begin, over in prospect.outages:
        value += flow.between(cutover + begin, np.minimum(cutover + over, end))
    return value


def _traffic(prospect: Prospect, schedule: Schedule, discount: Floats) -> Floats:
    """Everything that follows requests: the current route, the candidate's tokens, extras, quality."""
    setting, spec = prospect.setting, prospect.spec
    days, requests = setting.clock.days, setting.traffic.requests
    end = np.array(min(prospect.carrier.impossible_from, days))
    current = setting.current.per_request
    served = np.full(days, num(spec.usd_per_1000_requests) / 1000)
    if isinstance(prospect.carrier, TokenCarrier):
        served = served + prospect.carrier.tariff.per_request
    answered = served - current + num(spec.quality_usd_per_1000_requests) / 1000
    moved, shadowed = Sums.of(answered * requests, discount), Sums.of(served * requests, discount)
    ramp, cutover = schedule.ramp, schedule.cutover
    share = moved.rising(ramp, np.minimum(cutover, end), cutover - ramp) + moved.between(cutover, end)
    share = share - _down(prospect, moved, cutover, end)
    share = share + shadowed.between(schedule.shadow, np.minimum(ramp, end))
    kept = Sums.of(setting.current.beside_tokens(days), discount)
    freed = kept.between(cutover, end) - _down(prospect, kept, cutover, end) if prospect.coverage == 1 else 0.0
    return np.asarray((current * requests) @ discount + kept.plain[-1] - freed + prospect.coverage * share)


def _carrier(prospect: Prospect, schedule: Schedule, discount: Floats) -> Floats:
    """The fleet, or a token route's fees, from shadow on; and upkeep from cutover on."""
    carrier, days = prospect.carrier, prospect.setting.clock.days
    end = np.array(days)
    upkeep = Sums.of(np.full(days, prospect.upkeep_per_day), discount).between(schedule.cutover, end)
    if isinstance(carrier, TokenCarrier):
        fees = carrier.tariff.beside_tokens(days) + carrier.usd_per_hour * 24
        return np.asarray(upkeep + Sums.of(fees, discount).between(schedule.shadow, end))
    assert isinstance(carrier, FleetCarrier)
    if carrier.costs.bought:
        return np.asarray(upkeep + _bought_fleet(prospect, carrier, schedule, discount))
    whole = Sums.of(carrier.running(), discount)
    full = whole.between(schedule.shadow, schedule.ramp) + whole.between(schedule.cutover, end)
    if prospect.outages:
        saved = Sums.of(carrier.running() - carrier.idle(), discount)
        full = full - _down(prospect, saved, schedule.cutover, end)
    return np.asarray(upkeep + full + _ramped_fleet(carrier, schedule, discount))


def _bought_fleet(prospect: Prospect, carrier: FleetCarrier, schedule: Schedule, discount: Floats) -> Floats:
    """Purchases, power and what runs beside; how many GPUs are owned hangs on all days before, so days it is."""
    share, costs = shares(prospect, schedule), carrier.costs
    owned = costs.owned(carrier.sizes(share.served, share.live).peak)
    capital = np.diff(owned, axis=-1, prepend=0.0) @ costs.present_of_purchase(discount)
    power = owned @ discount * costs.power_per_day
    beside = Sums.of(np.full(discount.size, costs.other_per_day), discount)
    return np.asarray(capital + power + beside.between(schedule.shadow, np.array(discount.size)))


def _ramped_fleet(carrier: FleetCarrier, schedule: Schedule, discount: Floats) -> Floats:
    """The fleet of the ramp's days, sized for each day's share."""
    days = discount.size
    live = schedule.ramp < days
    value = np.zeros(live.size)
    if not live.any():
        return value
    steps = int((schedule.cutover - schedule.ramp)[live][0])
    step = np.arange(steps)
    day = schedule.ramp[live][:, None] + step
    inside = (day >= 0) & (day < days)
    day = _within(day, days - 1)
    share = carrier.coverage * (step + 0.5) / max(steps, 1)
    usd = carrier.costs.rented(carrier.sizing.sizes(carrier.requests[day] * share, carrier.sizing.capacity[day]), day)
    value[live] = (usd * discount[day] * inside).sum(axis=1)
    return value


def _project(prospect: Prospect, schedule: Schedule, discount: Floats) -> Floats:
    """Labels, engineers, iterations and one-off sums."""
    project, days = prospect.spec.project, discount.size
    rate = num(project.usd_per_engineer_month) * PER_DAY
    daily = Sums.of(np.full(days, rate), discount)
    in_house = project.engineers - project.to_hire
    value = in_house * daily.between(schedule.start, schedule.finished)
    value = value + project.to_hire * daily.between(schedule.joined, schedule.finished)
    for day, usd in _payments(prospect, schedule):
        inside = (day >= 0) & (day < days)
        value = value + np.where(inside, usd * discount[_within(day, days - 1)], 0.0)
    if prospect.planner.labelling.needed and num(project.usd_per_example):
        value = value + num(project.usd_per_example) * _labels(prospect.planner.labelling, schedule.label, discount)
    return np.asarray(value)


def _labels(labelling: Labelling, begin: Ints, discount: Floats) -> Floats:
    """Discounted examples: all that can be labelled on each day but the last, and on that day the remainder."""
    complete, days = labelling.complete(begin), discount.size
    whole = Sums.of(np.diff(labelling.sums), discount).between(np.maximum(begin, 0), complete)
    rest = labelling.needed - (labelling.before(complete) - labelling.before(begin))
    last = (complete >= 0) & (complete < days)
    return whole + np.where(last, rest * discount[_within(complete, days - 1)], 0.0)


def _payments(prospect: Prospect, schedule: Schedule) -> list[tuple[Ints, float]]:
    project, every = prospect.spec.project, prospect.spec.upkeep.retrain_every_months
    trainings = [schedule.ready + offset for offset in schedule.trainings]
    ages = replacements(every, prospect.setting.clock.days) if every else []
    trainings += [schedule.cutover + age for age in ages]
    due = [(day, prospect.iteration_usd) for day in trainings]
    due += [(schedule.start, num(project.usd_one_off)), (schedule.hardening, num(project.usd_hardening))]
    return [(day, usd) for day, usd in due if usd]
