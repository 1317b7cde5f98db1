"""Present cost of many starts at once, from cumulative sums instead of arrays over days.

Between two events every flow is a known array times a share that is constant or, on the ramp, a straight line. So its
present value is a difference of cumulative sums. Only what is settled by the month depends on more than that; such
candidates are travelled day by day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.clock import PER_DAY, Amount, Days, Floats, Ints, on_days, per_start, weighed_sum
from switchpoint.scenario.quantity import amount
from switchpoint.timeline.carriers import FleetCarrier, TokenCarrier
from switchpoint.timeline.path import shares, trainings_due, travel_along
from switchpoint.timeline.prospect import Prospect
from switchpoint.timeline.schedule import Labelling, Schedule


@dataclass(frozen=True)
class Sums:
    """Discounted cumulative sums of a flow: of the flow itself and of the flow times its day."""

    plain: Floats
    by_day: Floats

    @classmethod
    def of(cls, flow: Floats, discount: Floats) -> Sums:
        """Sums of dollars a day, shape (days,) or (worlds, 1, days)."""
        present = flow * discount
        return cls(_cumulative(present), _cumulative(present * np.arange(flow.shape[-1])))

    def between(self, first: Ints, end: Ints) -> Floats:
        """Present value of the days from `first` to the one before `end`."""
        begin, stop = self._inside(first, end)
        value: Floats = on_days(self.plain, stop) - on_days(self.plain, begin)
        return value

    def rising(self, first: Ints, end: Ints, steps: Ints) -> Floats:
        """The same with each day weighted (day - first + 0.5)/steps."""
        begin, stop = self._inside(first, end)
        days = on_days(self.by_day, stop) - on_days(self.by_day, begin)
        plain = on_days(self.plain, stop) - on_days(self.plain, begin)
        value: Floats = (days - (first - 0.5) * plain) / np.maximum(steps, 1)
        return value

    def _inside(self, first: Ints, end: Ints) -> tuple[Ints, Ints]:
        """The days cut to the horizon; none where they end before they begin."""
        last = self.plain.shape[-1] - 1
        begin = _within(first, last)
        return begin, np.maximum(_within(end, last), begin)


def _within(day: Ints, last: int) -> Ints:
    """Days cut to 0 … last."""
    return np.minimum(np.maximum(day, 0), last)


def _cumulative(flow: Floats) -> Floats:
    return np.concatenate((np.zeros((*flow.shape[:-1], 1)), np.cumsum(flow, axis=-1)), axis=-1)


def present_costs(prospect: Prospect, schedule: Schedule, discount: Floats) -> Floats:
    """Discounted dollars of the switch path for projects that start on the given days.

    Args:
        prospect: the candidate.
        schedule: the project's days for those starts, from the candidate's planner.
        discount: present value of a dollar on each day, shape (days,).
    """
    if not _additive(prospect):
        starts = range(schedule.start.shape[-1])
        parts = [schedule] if schedule.ready.ndim == 1 else [schedule.part(slice(n, n + 1)) for n in starts]
        return np.concatenate([travel_along(prospect, part).ledger.total @ discount for part in parts], axis=-1)
    return (
        _traffic(prospect, schedule, discount)
        + _carrier(prospect, schedule, discount)
        + _project(prospect, schedule, discount)
    )


def _additive(prospect: Prospect) -> bool:
    carrier = prospect.carrier
    settled = isinstance(carrier, TokenCarrier) and bool(carrier.tariff.commitments)
    return not (prospect.setting.current.commitments or settled)


def _down(prospect: Prospect, flow: Sums, cutover: Ints, end: Days) -> Floats:
    """Present value of a flow over the days of incidents, up to the one before `end`."""
    value = np.zeros(cutover.shape)
    for begin, over in prospect.outages:
        value = value + flow.between(cutover + begin, np.minimum(cutover + over, end))
    return value


def _traffic(prospect: Prospect, schedule: Schedule, discount: Floats) -> Floats:
    """Everything that follows requests: the current route, the candidate's tokens, extras, quality."""
    setting, spec = prospect.setting, prospect.spec
    days, requests = setting.clock.days, setting.traffic.requests
    end = np.minimum(prospect.carrier.impossible_from, days)
    current = setting.current.per_request
    served = amount(spec.usd_per_1000_requests) / 1000 * np.ones(days)
    if isinstance(prospect.carrier, TokenCarrier):
        served = served + prospect.carrier.tariff.per_request
    answered = served - current + amount(spec.quality_usd_per_1000_requests) / 1000
    moved, shadowed = Sums.of(answered * requests, discount), Sums.of(served * requests, discount)
    ramp, cutover = schedule.ramp, schedule.cutover
    share = moved.rising(ramp, np.minimum(cutover, end), cutover - ramp) + moved.between(cutover, end)
    share = share - _down(prospect, moved, cutover, end)
    share = share + shadowed.between(schedule.shadow, np.minimum(ramp, end))
    kept = Sums.of(setting.current.beside_tokens(days), discount)
    coverage = per_start(prospect.coverage)
    freed: Amount = 0.0
    if np.any(coverage == 1):
        freed = np.where(coverage == 1, kept.between(cutover, end) - _down(prospect, kept, cutover, end), 0.0)
    return np.asarray((current * requests) @ discount + kept.plain[..., -1] - freed + coverage * share)


def _carrier(prospect: Prospect, schedule: Schedule, discount: Floats) -> Floats:
    """The fleet, or a token route's fees, from shadow on; and upkeep from cutover on."""
    carrier, days = prospect.carrier, prospect.setting.clock.days
    end = np.array(days)
    flat = Sums.of(np.ones(days), discount)
    upkeep = per_start(prospect.upkeep_per_day) * flat.between(schedule.cutover, end)
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
    if schedule.ready.ndim > 1 and schedule.start.shape[-1] > 1:
        starts = [schedule.part(slice(n, n + 1)) for n in range(schedule.start.shape[-1])]
        return np.concatenate([_bought_fleet(prospect, carrier, part, discount) for part in starts], axis=-1)
    share, costs = shares(prospect, schedule), carrier.costs
    owned = costs.owned(carrier.sizes(share.served, share.live).peak)
    capital = weighed_sum(np.diff(owned, axis=-1, prepend=0.0), costs.present_of_purchase(discount))
    power = owned @ discount * per_start(costs.power_per_day)
    beside = Sums.of(np.ones(discount.size), discount).between(schedule.shadow, np.array(discount.size))
    return np.asarray(capital + power + per_start(costs.other_per_day) * beside)


def _ramped_fleet(carrier: FleetCarrier, schedule: Schedule, discount: Floats) -> Floats:
    """The fleet of the ramp's days, sized for each day's share."""
    days = discount.size
    live = (schedule.ramp < days) & (schedule.cutover > 0)
    if not live.any():
        return np.zeros(live.shape)
    steps = np.where(live, schedule.cutover - schedule.ramp, 0)[..., None]
    step = np.arange(steps.max())
    ramp = schedule.ramp[..., None] + step
    day = _within(ramp, days - 1)
    share = carrier.coverage * (step + 0.5) / np.maximum(steps, 1)
    sizes = carrier.sizing.sizes(on_days(carrier.requests, day) * share, on_days(carrier.sizing.capacity, day))
    inside = (ramp >= 0) & (ramp < days) & (step < steps)
    usd: Floats = (carrier.costs.rented(sizes, day) * discount[day] * inside).sum(axis=-1)
    return usd


def _project(prospect: Prospect, schedule: Schedule, discount: Floats) -> Floats:
    """Labels, engineers, iterations and one-off sums."""
    project, days = prospect.spec.project, discount.size
    rate = per_start(amount(project.usd_per_engineer_month)) * PER_DAY
    daily = Sums.of(np.ones(days), discount)
    in_house = project.engineers - project.to_hire
    value = rate * in_house * daily.between(schedule.start, schedule.finished)
    value = value + rate * project.to_hire * daily.between(schedule.joined, schedule.finished)
    for day, usd in _payments(prospect, schedule):
        inside = (day >= 0) & (day < days)
        value = value + per_start(usd) * np.where(inside, discount[_within(day, days - 1)], 0.0).sum(axis=-1)
    usd_per_example = amount(project.usd_per_example)
    if np.any(prospect.planner.labelling.needed) and np.any(usd_per_example):
        labels = _labels(prospect.planner.labelling, schedule.label, discount)
        value = value + per_start(usd_per_example) * labels
    return np.asarray(value)


def _labels(labelling: Labelling, begin: Ints, discount: Floats) -> Floats:
    """Discounted examples: all that can be labelled on each day but the last, and on that day the remainder."""
    complete, days = labelling.complete(begin), discount.size
    whole = Sums.of(np.diff(labelling.sums), discount).between(np.maximum(begin, 0), complete)
    rest = per_start(labelling.needed) - (labelling.before(complete) - labelling.before(begin))
    last = (complete >= 0) & (complete < days)
    return whole + np.where(last, rest * discount[_within(complete, days - 1)], 0.0)


def _payments(prospect: Prospect, schedule: Schedule) -> list[tuple[Ints, Amount]]:
    """Days on which the same sum is paid, shape (…, starts, times), and the sum."""
    project = prospect.spec.project
    due = [(trainings_due(prospect, schedule), prospect.iteration_usd)] if np.any(prospect.iteration_usd) else []
    due.append((schedule.start[..., None], amount(project.usd_one_off)))
    due.append((schedule.hardening[..., None], amount(project.usd_hardening)))
    return [(day, usd) for day, usd in due if np.any(usd)]
