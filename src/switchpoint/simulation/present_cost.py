"""Present cost of many starts at once, from cumulative sums instead of arrays over days.

Between two events every flow is a known array times a share that is constant or, on the ramp, a straight line. So its
present value is a difference of cumulative sums. Only what is settled by the month, and what a fleet leaves to the
current route, depend on more than that; such candidates are travelled day by day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.finance import Sums, _within
from switchpoint.horizon import NEVER, PER_DAY, Amount, Days, Floats, Ints, on_days, per_day, per_start, weighed_sum
from switchpoint.scenario.uncertain import amount
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.fleet import FleetServing, TokenServing
from switchpoint.simulation.schedule import Schedule, people_paid
from switchpoint.simulation.switch_costs import shares, sums_due, trainings_due, travel_along


def present_cost_of_starts(prospect: SimulatedCandidate, schedule: Schedule, discount: Floats) -> Floats:
    """Discounted dollars of the switch path for projects that start on the given days.

    Args:
        prospect: the candidate.
        schedule: the project's days for those starts, from the candidate's planner.
        discount: present value of a dollar on each day, shape (days,).
    """
    return PresentCosts(prospect, discount).of(schedule)


@dataclass(frozen=True)
class PresentCosts:
    """One candidate's flows, summed once for all schedules.

    Args:
        prospect: the candidate.
        discount: present value of a dollar on each day, shape (days,).
    """

    prospect: SimulatedCandidate
    discount: Floats

    def of(self, schedule: Schedule) -> Floats:
        """Discounted dollars of the switch path for each start of a schedule."""
        if self._day_by_day:
            return _by_start(schedule, lambda part: travel_along(self.prospect, part).ledger.total @ self.discount)
        return self._traffic(schedule) + self._carrier(schedule) + self.of_project(schedule)

    @property
    def _day_by_day(self) -> bool:
        """Whether something hangs on more than sums tell: bills of whole months, what a fleet leaves each day, or what
        the current route costs beside tokens."""
        carrier = self.prospect.carrier
        if not self.prospect.setting.beside_tokens.is_plain:
            return True
        own = carrier.tariff.commitments if isinstance(carrier, TokenServing) else ()
        return bool(self.prospect.setting.current.commitments or own or carrier.overflow is not None)

    def sums(self, flow: Floats) -> Sums:
        """Sums of dollars a day."""
        return Sums.of(flow, self.discount)

    @cached_property
    def dollar(self) -> Sums:
        """Of a dollar a day."""
        return self.sums(np.ones(self.discount.size))

    def _down(self, flow: Sums, cutover: Ints, end: Days) -> Floats:
        """Present value of a flow over the days of incidents, up to the one before `end`."""
        if not self.prospect.outages:
            return np.zeros(1)
        begin, over = self.prospect.days_down(cutover)
        return np.asarray(flow.between(begin, np.minimum(over, per_day(end))).sum(axis=-1))

    @cached_property
    def _stay(self) -> Floats:
        """Present value of the tokens of the current route for all requests."""
        setting = self.prospect.setting
        present: Floats = (setting.current.per_request * setting.traffic.requests) @ self.discount
        return present

    @cached_property
    def shadow_requests(self) -> Sums:
        """What follows the requests that the candidate serves: its tokens, and extras."""
        return self.sums(self._served_request * self.prospect.setting.traffic.requests)

    @cached_property
    def _served_request(self) -> Floats:
        carrier = self.prospect.carrier
        extras = amount(self.prospect.spec.usd_per_1000_requests) / 1000 * np.ones(self.discount.size)
        return extras + carrier.tariff.per_request if isinstance(carrier, TokenServing) else extras

    @cached_property
    def moved_requests(self) -> Sums:
        """What a request costs more once the candidate answers it instead of the current route."""
        setting = self.prospect.setting
        quality = amount(self.prospect.spec.quality_usd_per_1000_requests) / 1000
        answered = self._served_request - setting.current.per_request + quality
        return self.sums(answered * setting.traffic.requests)

    @cached_property
    def _current_route(self) -> Sums:
        """What is paid for the current route while any request is left on it."""
        return self.sums(self.prospect.setting.current.beside_tokens(self.discount.size))

    def _traffic(self, schedule: Schedule) -> Floats:
        """Everything that follows requests: the current route, the candidate's tokens, extras, quality."""
        ramp, cutover, moved = schedule.ramp, schedule.cutover, self.moved_requests
        end = np.minimum(self.prospect.carrier.impossible_from, self.discount.size)
        share = moved.rising(ramp, np.minimum(cutover, end), cutover - ramp) + moved.between(cutover, end)
        share = share - self._down(moved, cutover, end)
        if np.any(self._served_request):
            share = share + self.shadow_requests.between(schedule.shadow, np.minimum(ramp, end))
        coverage, freed = per_start(self.prospect.coverage), np.zeros(1)
        if np.any(coverage == 1):
            freed = self._current_route.between(cutover, end) - self._down(self._current_route, cutover, end)
            freed = np.where(coverage == 1, freed, 0.0)
        return np.asarray(self._stay + self._current_route.present.sum(axis=-1) - freed + coverage * share)

    def _carrier(self, schedule: Schedule) -> Floats:
        """The fleet, or a token route's fees, from shadow on; and upkeep from cutover on."""
        carrier, end = self.prospect.carrier, np.array(self.discount.size)
        upkeep = per_start(self.prospect.upkeep_per_day) * self.dollar.between(schedule.cutover, end)
        if isinstance(carrier, TokenServing):
            return np.asarray(upkeep + self.fees.between(schedule.shadow, end))
        assert isinstance(carrier, FleetServing)
        if carrier.costs.bought:
            return np.asarray(upkeep + _by_start(schedule, lambda part: self._bought_fleet(carrier, part)))
        full = self.fleet.between(schedule.shadow, schedule.ramp) + self.fleet.between(schedule.cutover, end)
        if self.prospect.outages:
            full = full - self._down(self._idle_saving, schedule.cutover, end)
        return np.asarray(upkeep + full + self._ramped_fleet(carrier, schedule))

    @cached_property
    def fees(self) -> Sums:
        """Fees of a candidate that is paid by the token."""
        carrier = self.prospect.carrier
        assert isinstance(carrier, TokenServing)
        return self.sums(carrier.tariff.beside_tokens(self.discount.size))

    @cached_property
    def fleet(self) -> Sums:
        """The whole rented fleet."""
        return self.sums(self.prospect.carrier.running())

    @cached_property
    def _idle_saving(self) -> Sums:
        """What the whole rented fleet costs more than an idle one."""
        carrier = self.prospect.carrier
        assert isinstance(carrier, FleetServing)
        return Sums(self.fleet.present - carrier.idle() * self.discount)

    def _bought_fleet(self, carrier: FleetServing, schedule: Schedule) -> Floats:
        """Purchases, power and what runs beside; how many GPUs are owned hangs on all days before, so days it is."""
        share, costs = shares(self.prospect, schedule), carrier.costs
        sizes = carrier.sizes(share.served, share.live)
        owned = costs.owned_gpus(sizes.peak)
        capital = weighed_sum(np.diff(owned, axis=-1, prepend=0.0), costs.present_of_purchase(self.discount))
        power = costs.powered_gpus(owned, sizes.work) @ self.discount * per_start(costs.power_per_day)
        beside = self.dollar.between(schedule.shadow, np.array(self.discount.size))
        return np.asarray(capital + power + per_start(costs.other_per_day) * beside)

    def _ramped_fleet(self, carrier: FleetServing, schedule: Schedule) -> Floats:
        """The fleet of the ramp's days, sized for each day's share."""
        days = self.discount.size
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
        usd: Floats = (carrier.costs.rent_of_days(sizes, day) * self.discount[day] * inside).sum(axis=-1)
        return usd

    def of_project(self, schedule: Schedule, until: Ints | None = None) -> Floats:
        """Labels, engineers, iterations and one-off sums; trainings before a day of each start only, where given."""
        project, days = self.prospect.spec.project, self.discount.size
        value = np.zeros(1)
        if np.any(rate := per_start(amount(project.usd_per_engineer_month)) * PER_DAY):
            planner = self.prospect.planner
            for count, first, end in people_paid(project, planner.steps, planner.labelling.needed_examples, schedule):
                value = value + rate * count * self.dollar.between(first, end)
        for day, usd in _payments(self.prospect, schedule, until):
            inside = (day >= 0) & (day < days)
            value = value + per_start(usd) * np.where(inside, self.discount[_within(day, days - 1)], 0.0).sum(axis=-1)
        usd_per_example = amount(project.usd_per_example)
        if np.any(self.prospect.planner.labelling.needed_examples) and np.any(usd_per_example):
            value = value + per_start(usd_per_example) * self._labels(schedule.label)
        return np.asarray(value)

    @cached_property
    def _all_labels(self) -> Sums:
        """Of all examples that can be labelled."""
        return self.sums(np.diff(self.prospect.planner.labelling.sums))

    def _labels(self, begin: Ints) -> Floats:
        """Discounted examples: all that can be labelled on each day but the last, and on that day the remainder."""
        labelling, days = self.prospect.planner.labelling, self.discount.size
        complete = labelling.complete(begin)
        whole = self._all_labels.between(np.maximum(begin, 0), complete)
        rest = per_start(labelling.needed_examples) - (labelling.before(complete) - labelling.before(begin))
        last = (complete >= 0) & (complete < days)
        return whole + np.where(last, rest * self.discount[_within(complete, days - 1)], 0.0)


def _by_start(schedule: Schedule, cost: Callable[[Schedule], Floats]) -> Floats:
    """What arrays over days say of each start; of many worlds one start after the other, so that they stay in cache."""
    if schedule.ready.ndim == 1:
        return cost(schedule)
    starts = range(schedule.start.shape[-1])
    return np.concatenate([cost(schedule.part(slice(place, place + 1))) for place in starts], axis=-1)


def _payments(prospect: SimulatedCandidate, schedule: Schedule, until: Ints | None = None) -> list[tuple[Ints, Amount]]:
    """Days on which the same sum is paid, shape (…, starts, times), and the sum; NEVER for trainings that are not."""
    due = list[tuple[Ints, Amount]]()
    if np.any(prospect.iteration_usd):
        days = trainings_due(prospect, schedule)
        due.append((days if until is None else np.where(days < until[..., None], days, NEVER), prospect.iteration_usd))
    return due + [(day[..., None], usd) for day, usd in sums_due(prospect, schedule)]
