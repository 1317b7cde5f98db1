"""What it costs a candidate to serve, as formulas: tokens and fees, or a fleet; and whether it can."""

from __future__ import annotations

from dataclasses import dataclass, replace

from switchpoint.catalog import model
from switchpoint.decision.workbook_figures import SimulatedFleet, WorkbookFigures
from switchpoint.export.workbook.candidate_columns import Purchases
from switchpoint.export.workbook.fleet_sheet import FleetSheet, purchases
from switchpoint.export.workbook.formula import CellRange, Column, Grid, Term, either, where
from switchpoint.export.workbook.inputs_sheet import About, Book, date_serial
from switchpoint.export.workbook.routes_sheet import (
    Leaving,
    RouteFormulas,
    batch_discount,
    commitments,
    leaving,
    per_request,
    price_lines,
)
from switchpoint.export.workbook.stay_sheet import StaySheet
from switchpoint.export.workbook.styles import COUNT, DATE, FACTOR, CellKind
from switchpoint.review.pages import short
from switchpoint.scenario.candidates import GpuCandidate, HostedCandidate
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.routes import PricedRoute
from switchpoint.simulation.usage import paid_hours


@dataclass(frozen=True)
class ShareFormulas:
    """Who carries what: shares of all requests."""

    live: Column
    moved: Column
    """Share that it would answer if it could always carry its load."""
    served: Column


@dataclass(frozen=True)
class Serving:
    """What serving costs, dollars a day, and whether the candidate can carry its share."""

    cost: tuple[Term, ...]
    can: Column | None
    purchases: Purchases | None = None
    replicas: Column | None = None
    part: Column | None = None
    """Part of what it is asked for that it serves, where the rest goes to the current route."""
    overflow: Column | None = None
    """What the current route costs more for the rest."""
    moving: Column | None = None
    """What moving to the successor of its retired model costs, within `cost`."""


@dataclass(frozen=True)
class ServingSheet:
    """Writes what serving costs on the days of a candidate."""

    grid: Grid
    book: Book
    stay: StaySheet
    settled: WorkbookFigures

    @property
    def path(self) -> Keys:
        """The candidate's place in the scenario."""
        return ("candidates", self.settled.name)

    @property
    def label(self) -> str:
        """Its name, short."""
        return short(self.settled.name)

    def field(self, *names: str) -> Term:
        """A number of the candidate on the sheet of inputs."""
        return self.book.inputs.field(*self.path, *names)

    def retry_share(self) -> Term:
        """Its extra requests; left out, those of the current route."""
        return self.stay.retry_share if self.settled.spec.retry_share is None else self.field("retry_share")

    def request(self) -> tuple[Column, Column]:
        """Its input and output tokens of a request."""
        usage = self.stay.usage
        sizes = (
            usage.input_tokens * self.field("input_tokens_factor"),
            usage.output_tokens * self.field("output_tokens_factor"),
        )
        unit = "tokens/request"
        return self.grid.add("Input tokens", unit, sizes[0], COUNT), self.grid.add(
            "Output tokens", unit, sizes[1], COUNT
        )

    def tokens(self, shares: ShareFormulas) -> Serving:
        """Another API or a hosted model: tokens of the share, fees while it runs."""
        spec, grid, inputs = self.settled.spec, self.grid, self.book.inputs
        assert not isinstance(spec, GpuCandidate)
        sizes = self.request()
        discount = batch_discount(self.book, self.path, spec.batch_discount)
        ends = leaving(self.book, spec, self.path)
        hours = paid_hours(self.book.result.case.scenario.usage)
        terms = RouteFormulas(*sizes, self.retry_share(), discount, hours, ends)
        price = per_request(grid, self.book, self.stay.days, spec, self.path, terms)
        lines = price_lines(spec, self.book.clock)
        known = lines[0].source.max_context if lines else None
        can = self.possible([self.too_long(sizes, spec.max_context, known), self.gone(spec, ends)])
        served = shares.served if can is None else shares.served * can
        tokens = self.stay.usage.requests * served * price
        fees = self.field("usd_per_month") * inputs.months_per_year / inputs.days_per_year
        flat, moving = where(shares.live.equals(1), fees, 0), None
        if ends is not None:
            moving = grid.add("Moving to a successor", "$/day", ends.moving(self.stay.days, shares.live.equals(1)))
            flat = flat + moving
        terms_of = commitments(self.book, spec, self.path, self.label)
        if terms_of is None or self.stay.settlement is None:
            return Serving((tokens, flat), can, moving=moving)
        daily = grid.add("Candidate tokens", "$/day", tokens)
        label = f"{self.label}, its own route"
        settled = self.stay.settlement.settle(daily, terms_of, label, shares.live)
        kept = grid.add("Candidate tokens after commitments", "$/day", daily * settled.kept)
        missing = grid.add("Candidate, added by take-or-pay", "$/day", settled.missing)
        return Serving((kept, flat, missing), can, moving=moving)

    def fleet(self, shares: ShareFormulas) -> Serving:
        """A model of your own: rent, or power and purchases."""
        spec, settled = self.settled.spec, self.settled.fleet
        assert settled is not None
        if isinstance(spec, HostedCandidate) and settled.simulated is not None:
            return self.endpoints(spec, settled.simulated)
        assert isinstance(spec, GpuCandidate)
        path, days = (*self.path, "fleet"), self.stay.days
        sheet = FleetSheet(
            self.grid, self.book, days, self.stay.usage.requests, spec.fleet, settled, path, self.retry_share()
        )
        if settled.simulated is not None:
            return self.simulated_serving(sheet, settled.simulated, shares)
        sizes = self.request()
        capacity = sheet.capacity()
        load = sheet.load(shares.served, capacity, "Load")
        weights, hours = sheet.levels()
        most = sheet.most_replicas(load, weights, shares.live)
        limits = [self.beyond_context(sizes), capacity <= 0 if not settled.measured else None]
        limits.append(self.too_small(sheet, capacity, weights))
        can = self.possible(limits)
        if spec.fleet.purchase_usd_per_gpu is None:
            return Serving((sheet.rent(load, weights, hours, shares.live),), can, replicas=most)
        owned, power = sheet.power(most, shares.live)
        last_day = self.stay.days.day.cell(self.grid.rows - 1)
        return Serving((power,), can, purchases(sheet, owned, last_day), most)

    def simulated_serving(self, sheet: FleetSheet, simulated: SimulatedFleet, shares: ShareFormulas) -> Serving:
        """A fleet whose hours only the simulation tells: prices are live, GPU-hours and GPUs are not."""
        grid, beside = (
            self.grid,
            self._as_simulated(simulated, self.beyond_context(self.request()), sheet.spec.overflow),
        )
        if sheet.spec.purchase_usd_per_gpu is None:
            hours = grid.add_values("GPU-hours on demand, simulated", "hours/day", simulated.gpu_hours, COUNT)
            return replace(beside, cost=(sheet.rent_of(hours, shares.live),))
        owned = grid.add_values("GPUs owned, simulated", "GPUs", simulated.gpus, COUNT)
        powered = grid.add_values("GPUs at full power, simulated", "GPUs", simulated.powered, FACTOR)
        power, last_day = sheet.power_of(powered, shares.live), self.stay.days.day.cell(self.grid.rows - 1)
        return replace(beside, cost=(power,), purchases=purchases(sheet, owned, last_day))

    def endpoints(self, spec: HostedCandidate, simulated: SimulatedFleet) -> Serving:
        """Dedicated endpoints: all that they cost is simulated."""
        assert spec.endpoint is not None
        too_long = self.too_long(self.request(), spec.max_context, None)
        beside = self._as_simulated(simulated, too_long, spec.endpoint.overflow)
        return replace(beside, cost=(self.grid.add_values("Endpoints, simulated", "$/day", simulated.usd),))

    def _as_simulated(self, simulated: SimulatedFleet, too_long: Term | None, overflow: str) -> Serving:
        """Whether it carries its load, its size, and what it leaves, as simulated."""
        grid = self.grid
        can_carry = grid.add_values("Carries its load, simulated", "1 yes, 0 no", simulated.can, COUNT)
        can = self.possible([too_long, can_carry <= 0])
        most = grid.add_values("Most at once, simulated", "replicas", simulated.most, COUNT)
        if overflow != "current":
            return Serving((), can, replicas=most)
        part = grid.add_values("Part that it serves, simulated", "share", simulated.served, FACTOR)
        rest = grid.add_values("Current route for the rest, simulated", "$/day", simulated.overflow_usd)
        return Serving((), can, None, most, part, rest)

    def beyond_context(self, sizes: tuple[Column, Column]) -> Term | None:
        """Whether requests exceed the context of a model of your own; None where none is known."""
        spec = self.settled.spec
        assert isinstance(spec, GpuCandidate)
        if spec.model is None:
            return None
        known = model(spec.model.base).max_context if spec.model.base else None
        return self.too_long(sizes, spec.model.max_context, known)

    def too_small(self, sheet: FleetSheet, capacity: Column, weights: CellRange) -> Term | None:
        """Whether a fixed or capped fleet is too small for the whole share; None for a fleet that grows."""
        if sheet.spec.fixed_replicas is None and sheet.spec.max_replicas is None:
            return None
        load = sheet.load(self.field("coverage"), capacity, "Load of its whole share")
        return sheet.too_small(load, weights)

    def too_long(self, sizes: tuple[Column, Column], stated: int | None, known: int | None) -> Term | None:
        """Whether requests exceed the model's context; None where none is known."""
        if stated is None and known is None:
            return None
        inputs = self.book.inputs
        path = (*self.path, "max_context") if self.settled.fleet is None else (*self.path, "model", "max_context")
        if stated is not None:
            longest = inputs.field(*path)
        else:
            about = About(f"{self.label}: longest input plus output", "tokens", "catalogue", field=dotted_path(path))
            longest = inputs.number(inputs.name_of(path), float(known or 0), about)
        return sizes[0] + sizes[1] > longest * (1 + inputs.tolerance)

    def gone(self, spec: PricedRoute, ends: Leaving | None) -> Term | None:
        """Whether its model is retired before it could be live, with no successor; None where it is not retired."""
        if ends is None or not isinstance(spec.migration_price_factor, (int, float)):
            return None
        about = About(f"{self.label}: could be live at the earliest", "date", "settled by the simulation")
        when = date_serial(self.book.clock, self.settled.earliest_live)
        name = self.book.inputs.name_of((*self.path, "earliest_live"))
        live = self.book.inputs.block(name, [when], [about], CellKind.SETTLED, DATE).first
        return ends.too_early(self.stay.days, live)

    def possible(self, faults: list[Term | None]) -> Column | None:
        """1 until the first day on which it cannot carry its whole share, then 0; None where nothing could end it."""
        found = [fault for fault in faults if fault is not None]
        if not found:
            return None
        wrong = found[0]
        for other in found[1:]:
            wrong = either(wrong, other)
        return self.grid.least("Can carry its share", "1 yes, 0 no", where(wrong, 0, 1), COUNT)


def serve(sheet: ServingSheet, shares: ShareFormulas) -> Serving:
    """What serving a share of the requests costs, whatever the kind of candidate."""
    return sheet.fleet(shares) if sheet.settled.fleet else sheet.tokens(shares)
