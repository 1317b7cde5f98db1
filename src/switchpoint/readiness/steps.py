"""Nine steps from a problem to production: what is done, what is next, who decides, and what the simulation says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from switchpoint.decision.gates import CALLED, Gate, MonthsDelay, ProgrammeGates
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import NEVER
from switchpoint.readiness.diagnosis import Diagnosis
from switchpoint.readiness.experiments import SURE, ExperimentOutlook, experiments_needed
from switchpoint.readiness.phases_and_layers import CALLED as LAYER_CALLED
from switchpoint.readiness.phases_and_layers import LayerChoice, Phase
from switchpoint.scenario.uncertain import num
from switchpoint.text import chance, count, day, months, percent, usd, weeks


@dataclass(frozen=True)
class ProgrammeStep:
    """One step of the way."""

    number: int
    title: str
    done: bool
    state: str
    """What is there."""
    next: str
    """What is to be done next; nothing where the step is done."""
    decides: str
    says: str
    """What the simulation says of it."""


@dataclass(frozen=True)
class Facts:
    """What the steps are told from."""

    result: JudgedWorld
    gates: ProgrammeGates
    experiments: ExperimentOutlook
    layers: LayerChoice
    diagnosis: Diagnosis
    phases: tuple[Phase, ...]

    def gate(self, name: str) -> Gate:
        """A gate by its name."""
        return next(gate for gate in self.gates.each if gate.name == name)

    def day_words(self, number: int) -> str:
        """A day in words."""
        return "today" if number <= 0 else day(self.gates.clock.date_of(number))

    def by(self, gate: Gate) -> str:
        """By when a gate is needed, and what a month's delay does; nothing where no start is advised."""
        if gate.by == NEVER:
            return "No project is advised now, so nothing waits for it."
        need = f"Needed {self._on(gate.by)} for the advised start"
        if gate.in_plan and not gate.met:
            need = f"To be begun {self._on(gate.begin_by)} and there {self._on(gate.by)} for the advised start"
        delay = self.gates.delays[gate.name]
        return f"{need}; a month later {delay_words(delay)}." if delay else f"{need}."

    def _on(self, number: int) -> str:
        return "today" if number <= 0 else f"by {self.day_words(number)}"

    def phase(self, name: str) -> Phase | None:
        """A phase by its name."""
        return next((each for each in self.phases if each.name == name), None)


def delay_words(delay: MonthsDelay) -> str:
    """What a delay comes to, in words."""
    size = abs(delay.usd)
    money = "costs nothing" if size < 1 else f"{'costs' if delay.usd > 0 else 'saves'} {usd(size)}"
    if delay.live == NEVER:
        return f"{money} and is not live within the horizon"
    return f"{money} and is live {weeks(delay.days)} later" if delay.days else f"{money} and is live no later"


def steps(facts: Facts) -> tuple[ProgrammeStep, ...]:
    """The nine, in their order."""
    made = (_task, _proof, _layer, _data, _evaluation, _experiments, _diagnosis, _hardening, _switch)
    return tuple(each(facts, number) for number, each in enumerate(made, 1))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


Maker = Callable[[Facts, int], ProgrammeStep]


def _task(facts: Facts, number: int) -> ProgrammeStep:
    case, task = facts.result.case, facts.gates.programme.application.task
    bill = f"The bill is {usd(float(case.bill[0]))} a month today and {usd(float(case.bill[-1]))} at the end if nothing"
    limit = ""
    if case.scenario.limited:
        reached = (
            f"reaches its limit on {facts.day_words(case.threat)}" if case.threat < NEVER else "stays below its limit"
        )
        limit = f" changes, and {reached}"
    return ProgrammeStep(
        number,
        "Say what is to be done, and what a good answer is worth",
        bool(task),
        f"The task: {task}." if task else "No task is written down.",
        "" if task else "Write the task into programme.application.task, with the limit of what it may cost.",
        "whoever owns the product",
        f"{bill}{limit or ' changes'}.",
    )


def _proof(facts: Facts, number: int) -> ProgrammeStep:
    gate = facts.gate("product_market_fit")
    return ProgrammeStep(
        number,
        "Prove it on an API first",
        gate.met,
        f"{_capital(gate.basis)}.",
        "" if gate.met else "Keep to the API, and see whether usage lasts and users stay; prepare, but do not commit.",
        "whoever owns the product",
        facts.by(gate),
    )


def _layer(facts: Facts, number: int) -> ProgrammeStep:
    layers = facts.layers
    logged = len(facts.gates.log.decisions)
    overdue = facts.gates.commit_later(-(layers.days_left or 0)) if layers.over and layers.days_left else None
    says = "A layer that closes the gap needs no project below it."
    if overdue is not None:
        says = f"The time beyond the month, were the commit as much later, {delay_words(overdue)}."
    return ProgrammeStep(
        number,
        "Choose the layer, and give it a month",
        layers.gap_closed,
        f"{_capital(LAYER_CALLED[layers.current])}; {count(logged)} decision{'s' * (logged != 1)} logged.",
        "" if layers.gap_closed else layers.sentence,
        "the technical lead",
        says,
    )


def _data(facts: Facts, number: int) -> ProgrammeStep:
    labels, clear = facts.gate("labelled_data"), facts.gate("clearance")
    phase, project = facts.phase("preparation"), facts.gates.project
    todo = [
        text
        for gate, text in ((clear, "clear the sensitive data"), (labels, "label examples from production"))
        if not gate.met
    ]
    cost = ""
    if not labels.met and num(project.examples):
        missing = max(num(project.examples) - num(project.examples_in_hand), 0.0)
        paid = missing * num(project.usd_per_example)
        cost = f" {count(missing)} labels cost {usd(paid)}" + (
            f", and preparation {usd(phase.usd)} in all." if phase is not None and phase.usd else "."
        )
    return ProgrammeStep(
        number,
        "Gather examples, and clear them",
        labels.met and clear.met,
        f"{_capital(labels.basis)}; {clear.basis}.",
        f"{_capital(' and '.join(todo))}." if todo else "",
        "whoever answers for the data",
        f"{facts.by(labels)}{cost}",
    )


def _evaluation(facts: Facts, number: int) -> ProgrammeStep:
    gate = facts.gate("evaluation_set")
    return ProgrammeStep(
        number,
        "Keep examples apart, and name the kinds of errors",
        gate.met,
        f"{_capital(gate.basis)}.",
        "" if gate.met else "Keep some hundred examples for evaluation, read the wrong answers, and log their kinds.",
        "whoever answers for quality",
        facts.by(gate),
    )


def _experiments(facts: Facts, number: int) -> ProgrammeStep:
    tried, gate = facts.experiments, facts.gate("twenty_experiments")
    state = f"{_capital(gate.basis)}" + (f", {count(tried.viable)} viable" if tried.viable else "")
    return ProgrammeStep(
        number,
        "Try twenty cheap things",
        gate.met,
        f"{state}.",
        "" if gate.met else f"Run {count(tried.left)} more experiments in the sandbox, one change each, and log them.",
        "the technical lead",
        " ".join(experiment_words(tried)) or facts.by(gate),
    )


def experiment_words(tried: ExperimentOutlook) -> Iterator[str]:
    """What the experiments promise."""
    if tried.odds is None:
        return
    curve = dict(tried.curve)
    few = min(5, tried.wanted)
    source = {"log": "as logged", "stated": "as stated"}[tried.odds_from]
    yield (
        f"With odds of {percent(round(tried.odds, 3))} each ({source}), {few} experiments give a viable prototype in "
        f"{chance(curve[few])} of cases, {tried.wanted} in {chance(curve[tried.wanted])}."
    )
    needed = experiments_needed(tried.odds)
    if tried.viable:
        return
    if needed is not None and tried.per_month and tried.months_to_viable is not None:
        yield (
            f"At {tried.per_month:.2g} a month that takes {months(tried.months_to_viable)} on average, and "
            f"{months(needed / tried.per_month)} to be {percent(SURE)} sure."
        )


def _diagnosis(facts: Facts, number: int) -> ProgrammeStep:
    found = facts.diagnosis
    usual = found.ratio is not None and found.ratio >= SURE
    state = "No intervention is logged."
    if found.ratio is not None:
        state = f"{found.diagnosed_count} of {found.interventions} interventions followed from a diagnosis."
    best = found.pays_most
    advice = f"; most are of {best.category.replace('-', ' ')}: {best.treatment}" if best else ""
    return ProgrammeStep(
        number,
        "Look at the errors, then change one thing",
        usual,
        state,
        "" if usual else f"Before each change, count the errors by kind{advice}.",
        "whoever trains the model",
        " ".join(found.sentences[1:] if found.ratio is not None else found.sentences) or "Nothing hangs on it here.",
    )


def _hardening(facts: Facts, number: int) -> ProgrammeStep:
    phase, live = facts.phase("hardening"), facts.gates.programme.status == "production"
    says = "The advised project has no step for it; state hardening_days, or it comes as a surprise."
    if phase is not None and phase.begins is not None and phase.ends is not None:
        cost = f" and costs {usd(phase.usd)}" if phase.usd is not None else ""
        says = f"Hardening runs from {day(phase.begins)} to {day(phase.ends)}{cost}."
    elif facts.gates.outlook is None:
        says = "No project is advised, so nothing is to be hardened."
    return ProgrammeStep(
        number,
        "Make it fit for production",
        live,
        f"The programme is at: {facts.gates.programme.status.replace('-', ' ')}.",
        "" if live else "Plan security, privacy, scale and reliability as project time.",
        "the engineering and security leads",
        says,
    )


def _switch(facts: Facts, number: int) -> ProgrammeStep:
    outlook = facts.gates.outlook
    says, done = "The advice is to stay on the current route.", False
    if outlook is not None:
        started = outlook.started_on(facts.gates.start)
        done = started.cutover <= 0
        money = "saves" if started.npv_saving >= 0 else "costs"
        live = (
            f"live on {facts.day_words(started.cutover)}" if started.cutover < facts.gates.clock.days else "never live"
        )
        says = f"{outlook.name}: {live}, and {money} {usd(abs(started.npv_saving))} in present value."
    held = [CALLED[gate.name] for gate in facts.gates.blocking]
    todo = (
        f"The commit waits for {', '.join(held)}." if held else "Shadow, ramp, cut over; then watch cost per inference."
    )
    return ProgrammeStep(
        number,
        "Switch, and keep watching the cost",
        done,
        facts.result.verdict.action.value.replace("-", " ").capitalize() + ".",
        "" if done or outlook is None else todo,
        "whoever owns the budget",
        says,
    )
