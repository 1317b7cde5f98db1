"""The serving simulation once more, plainly: every replica takes every step on its own, and counts every block.

It shares with the product only the words of its input: limits, step times and outages. No SimPy, no leaps, no prefix
sums; blocks are counted per request, and the batch is walked in every step.
"""

from dataclasses import dataclass, field
from itertools import count
from math import ceil

import numpy as np

TICKS_PER_NS = 65536


def to_ticks(seconds):
    return round(seconds * TICKS_PER_NS * 10**9)


@dataclass(eq=False)
class Job:
    """A request; `done` counts its tokens in the KV cache plus the one just generated."""

    arrival: int
    prompt: int
    total: int
    done: int = 0
    blocks: int = 0
    since: int = 0
    waited: int = 0
    restarts: int = 0
    start: int | None = None
    first: int | None = None
    finish: int | None = None
    replica: int | None = None

    @property
    def decodes(self):
        return self.done > self.prompt

    def restart(self, now):
        """What was generated becomes prompt; a prompt that was not finished starts again."""
        self.prompt = max(self.prompt, self.done)
        self.done = self.blocks = 0
        self.since = now
        self.restarts += 1


@dataclass
class Station:
    """One replica."""

    number: int
    limits: object
    step_time: object
    queue: list = field(default_factory=list)
    running: list = field(default_factory=list)
    step_ends: int | None = None
    decoding: list = field(default_factory=list)
    chunks: list = field(default_factory=list)
    steps: int = 0
    evictions: int = 0
    speeds: dict = field(default_factory=dict)

    @property
    def load(self):
        return len(self.queue) + len(self.running)

    @property
    def free(self):
        return self.limits.kv_blocks - sum(job.blocks for job in self.running)

    def submit(self, job, now):
        job.replica = self.number
        self.queue.append(job)
        if self.step_ends is None:
            self.step_ends = now

    def end_step(self, now):
        """Count the tokens of the step that ends, and give back those that are complete."""
        for job in self.decoding:
            job.done += 1
        for job, tokens in self.chunks:
            job.done += tokens
            if job.done == job.prompt:
                job.done += 1
                job.first = now if job.first is None else job.first
        complete = [job for job in self.running if job.done == job.total]
        for job in complete:
            job.finish = now
            job.blocks = 0
            self.running.remove(job)
        self.decoding, self.chunks = [], []
        return complete

    def begin_step(self, now):
        prefill_first = self.limits.scheduler == "prefill-first"
        (self.begin_prefill_first if prefill_first else self.begin_chunked)(now)
        if not self.decoding and not self.chunks:
            if self.queue:
                return self.begin_step(now)
            self.step_ends = None
            return None
        self.steps += 1
        self.step_ends = now + self.duration()
        return None

    def duration(self):
        batch = len(self.decoding)
        mean = sum(job.done for job in self.decoding) // batch if batch else 0
        if self.chunks:
            taken = self.step_time.mixed_ns(batch, mean, tuple((tokens, job.done) for job, tokens in self.chunks))
            return round(taken * TICKS_PER_NS)
        if (batch, mean) not in self.speeds:
            self.speeds[batch, mean] = round(float(self.step_time.decode_ns(batch, np.array([mean]))[0]) * TICKS_PER_NS)
        return self.speeds[batch, mean]

    def admits(self, job):
        need = ceil(job.prompt / self.limits.block_tokens)
        spare = int(self.limits.watermark * self.limits.kv_blocks)
        return len(self.running) < self.limits.max_running and self.free - need >= spare

    def admit(self, now):
        job = self.queue.pop(0)
        job.waited += now - job.since
        job.start = now if job.start is None else job.start
        job.blocks = ceil(job.prompt / self.limits.block_tokens)
        self.running.append(job)
        return job

    def begin_prefill_first(self, now):
        taken = []
        while self.queue and self.admits(self.queue[0]):
            lengths = [job.prompt for job in [*taken, self.queue[0]]]
            if taken and len(lengths) * max(lengths) > self.limits.token_budget:
                break
            taken.append(self.admit(now))
        self.chunks = [(job, job.prompt) for job in taken]
        if not taken:
            self.grow(now)

    def begin_chunked(self, now):
        evictions = self.evictions
        self.grow(now)
        left = self.limits.token_budget - len(self.decoding)
        for job in self.running:
            if not job.decodes and left:
                tokens = min(left, job.prompt - job.done)
                self.chunks.append((job, tokens))
                left -= tokens
        while left and evictions == self.evictions and self.queue and self.admits(self.queue[0]):
            job = self.admit(now)
            tokens = min(left, job.prompt)
            self.chunks.append((job, tokens))
            left -= tokens

    def grow(self, now):
        """Decode what can be decoded: in turn, each needs a free block in sight, or the last one admitted goes."""
        for job in [job for job in self.running if job.decodes]:
            while job in self.running and self.free < 1:
                victim = self.running.pop()
                victim.restart(now)
                self.evictions += 1
                self.queue.insert(0, victim)
            if job in self.running and job.blocks * self.limits.block_tokens < job.done:
                job.blocks += 1
        self.decoding = [job for job in self.running if job.decodes]

    def vacate(self, now):
        for job in reversed(self.running):
            job.restart(now)
            self.queue.insert(0, job)
        left, self.queue, self.running, self.step_ends = self.queue, [], [], None
        self.decoding, self.chunks = [], []
        return left


class Twin:
    """A fleet without autoscaling; `queued` integrates the number waiting over time, in ticks."""

    def __init__(self, plan, step_time):
        self.plan, self.step_time = plan, step_time
        self.up = [Station(number, plan.limits, step_time) for number in range(plan.replicas)]
        self.stations = list(self.up)
        self.waiting = []
        self.turn = 0
        self.queued = self.inside = 0
        self.numbered = count()

    def serve(self, rows):
        """Rows of (arrival_s, input_tokens, output_tokens); jobs in the same order."""
        jobs = [Job(to_ticks(at), tokens, tokens + more, since=to_ticks(at)) for at, tokens, more in rows]
        coming = sorted(jobs, key=lambda job: job.arrival)
        now = coming[0].arrival if coming else 0
        changes = [
            (max(now, to_ticks(outage.at_s)), next(self.numbered), "notice", outage) for outage in self.plan.outages
        ]
        while True:
            steps = [(s.step_ends, 2, s.number, s) for s in self.stations if s.step_ends is not None]
            moments = [(change[0], 0, change[1], change) for change in changes]
            moments += [(coming[0].arrival, 1, 0, coming[0])] if coming else []
            if not moments + steps:
                return jobs
            at, kind, _, what = min(moments + steps, key=lambda moment: moment[:3])
            waiting = len(self.waiting) + sum(len(s.queue) for s in self.stations)
            self.queued += waiting * (at - now)
            self.inside += (waiting + sum(len(s.running) for s in self.stations)) * (at - now)
            now = at
            if kind == 0:
                changes.remove(what)
                changes += self.change(what, now)
            elif kind == 1:
                self.place(coming.pop(0), now)
            else:
                if what.end_step(now) and self.plan.router == "shared-queue":
                    self.place_waiting(now)
                what.begin_step(now)

    def change(self, change, now):
        _, _, kind, what = change
        if kind == "notice":
            for station in [station for station in self.up if station.number == what.replica]:
                self.up.remove(station)
                return [(now + to_ticks(what.notice_s), next(self.numbered), "lose", (station, what))]
        elif kind == "lose":
            station, outage = what
            for job in station.vacate(now):
                self.place(job, now)
            if outage.back_s is not None:
                return [(now + to_ticks(outage.back_s), next(self.numbered), "back", station.number)]
        else:
            station = Station(what, self.plan.limits, self.step_time)
            self.stations.append(station)
            self.up = sorted([*self.up, station], key=lambda held: held.number)
            self.place_waiting(now)
        return []

    def place_waiting(self, now):
        waiting, self.waiting = self.waiting, []
        for job in waiting:
            self.place(job, now)

    def place(self, job, now):
        station = None
        if self.up and not self.waiting:
            station = min(self.up, key=lambda held: (held.load, held.number))
            if self.plan.router == "round-robin":
                station = self.up[self.turn % len(self.up)]
                self.turn += 1
            if self.plan.router == "shared-queue" and station.load >= self.plan.limits.max_running:
                station = None
        if station is None:
            self.waiting.append(job)
        else:
            station.submit(job, now)
