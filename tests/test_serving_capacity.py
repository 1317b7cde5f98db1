"""What one replica can carry: how the answer moves, how sure it is, and that it is remembered."""

import json
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchpoint.catalog import gpu, gpus, model, models
from switchpoint.files import source_hash
from switchpoint.serving import capacity_cache, disk_cache
from switchpoint.serving.capacity import NEAR, Capacity, Question, measure
from switchpoint.serving.hardware import Architecture
from switchpoint.serving.requests import INPUT_SPREAD, Spread, cut, lengths, samples
from switchpoint.serving.serve import Promise, RateTrial, try_rate
from switchpoint.serving.step_time import ModelledSteps, ScalarSteps
from switchpoint.simulation.capacity import GRID, across

pytestmark = pytest.mark.slow


def steps(name: str = "llama-3.1-8b", card: str = "L40S", precision: str = "fp8", number: int = 1) -> ModelledSteps:
    return ModelledSteps(Architecture.of(model(name)), gpu(card), precision, number)


def question(inputs=1000, outputs=200, ttft=1.0, tpot=0.05, **replica) -> Question:
    return Question(steps(**replica), inputs, outputs, Promise(ttft, tpot))


@cache
def briefly(asked: Question) -> Capacity:
    """Measured with two short lists of requests, once; more and longer ones make it surer, and move all alike."""
    return measure(asked, samples(asked.input_tokens, asked.output_tokens, asked.longest, 2, 600, asked.spread))


PLAIN = question()


@pytest.fixture(scope="module")
def plain() -> Capacity:
    return measure(PLAIN)


@pytest.fixture
def folder(tmp_path: Path, plain: Capacity, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where answers are kept; what would be measured is known."""
    monkeypatch.setattr(capacity_cache, "measure", lambda question: plain)
    monkeypatch.setenv("SWITCHPOINT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(capacity_cache, "elsewhere", None)
    capacity_cache.capacity.cache_clear()
    yield tmp_path / "cache"
    capacity_cache.capacity.cache_clear()


class TestHowItMoves:
    def test_the_tighter_the_promise_the_less(self) -> None:
        plain, tight, tighter = (briefly(question(tpot=tpot)) for tpot in (0.05, 0.03, 0.02))
        assert plain.requests_per_second > tight.requests_per_second > tighter.requests_per_second > 0
        assert briefly(question(ttft=0.5, tpot=None)).requests_per_second < plain.saturated_per_second

    def test_the_longer_the_requests_the_less(self) -> None:
        every = PLAIN, question(inputs=2000), question(outputs=400)
        plain, prompts, answers = (measure(each, each.samples(2)) for each in every)
        assert plain.requests_per_second > 1.2 * prompts.requests_per_second
        assert plain.requests_per_second > 1.5 * answers.requests_per_second

    def test_without_a_promise_it_is_what_is_stable(self) -> None:
        free, plain = briefly(question(ttft=None, tpot=None)), briefly(PLAIN)
        assert free.requests_per_second == free.saturated_per_second == plain.saturated_per_second
        assert free.binds in ("compute", "bandwidth", "memory")
        assert plain.requests_per_second < free.requests_per_second

    def test_a_bound_one_is_said_to_be(self, plain: Capacity) -> None:
        assert plain.binds == "latency"
        assert plain.requests_per_second < NEAR * plain.saturated_per_second
        scarce = briefly(question(400, 1500, None, None, name="qwen3-14b", card="L4"))
        assert scarce.binds == "memory"
        assert briefly(question(4000, 10, None, None)).binds == "compute"
        assert briefly(question(2400, 350, None, None)).binds == "bandwidth"


class TestWhatItKeeps:
    def test_the_promise_is_kept_there_and_broken_above(self, plain: Capacity) -> None:
        assert plain.ttft_p95_s <= 1.0
        assert plain.tpot_p95_s <= 0.05
        trial = try_rate(PLAIN.bench, PLAIN.samples(), plain.requests_per_second * 1.02)
        assert trial.excess(PLAIN.promise) > 0

    def test_the_interval_holds_what_longer_runs_say(self, plain: Capacity) -> None:
        longer = samples(1000, 200, PLAIN.longest, 6, 2400)
        found = measure(PLAIN, longer)
        assert plain.low < found.requests_per_second < plain.high
        assert found.high - found.low < plain.high - plain.low

    def test_the_same_question_has_the_same_answer(self) -> None:
        assert briefly.__wrapped__(question()) == briefly(PLAIN)


class TestNothing:
    def test_weights_that_do_not_fit(self) -> None:
        found = measure(question(name="llama-3.1-70b", card="A100", precision="bf16"))
        assert (found.requests_per_second, found.binds) == (0, "memory")
        assert (
            "weights of 131 GiB and activations of 1.4 GiB do not fit into the 76 GiB of 80 GiB that an engine fills; "
            "take more GPUs or a lower precision"
        ) in found.why

    def test_a_request_that_does_not_fit(self) -> None:
        found = measure(question(inputs=100_000, name="qwen3-14b", card="L4"))
        assert (found.requests_per_second, found.binds) == (0, "memory")
        assert "a request of 100,200 tokens does not fit into" in found.why

    def test_requests_longer_than_any_context(self) -> None:
        tiny = ModelledSteps(Architecture.from_dimensions(0.001, 1, 1, 1), gpu("H100"), "bf16")
        found = measure(Question(tiny, 1e6, 1e6, Promise()))
        assert found.requests_per_second == 0
        assert "requests of 2.0M tokens on average are longer than what is simulated" in found.why

    def test_a_promise_that_not_even_one_request_keeps(self) -> None:
        found = measure(question(tpot=0.002))
        assert (found.requests_per_second, found.binds) == (0, "latency")
        assert "cannot keep the latency promise even for one request at a time: per output token" in found.why
        assert found.why.endswith("ms at the 95th percentile, promised 2 ms")

    def test_what_decided_is_said_and_can_be_changed(self) -> None:
        """1,800 input tokens fit a promise of 200 ms, one prompt in twenty is twice as long and does not."""
        asked = question(1800, 50, 0.2, 0.03, name="llama-3.2-3b", card="L4")
        found, alike = measure(asked), measure(replace(asked, spread=Spread(0.0, 0.0)))
        assert found.requests_per_second == 0
        assert "long prompts decide: one of 1,800 tokens takes" in found.why
        assert "one in twenty has over 4,906 (usage.input_spread = 0.81; 0 where all are alike)" in found.why
        assert alike.requests_per_second > 1


class TestSamples:
    def test_means_and_spread_are_met(self) -> None:
        drawn = lengths(2000, INPUT_SPREAD, 5000)
        assert drawn.mean() == pytest.approx(2000, rel=1e-3)
        assert np.log(drawn).std() == pytest.approx(INPUT_SPREAD, rel=0.01)
        assert drawn.std() / drawn.mean() == pytest.approx(0.96, rel=0.05)

    def test_none_is_longer_than_what_fits(self) -> None:
        for sample in samples(3000, 500, 4096, 2, 500):
            assert (sample.input_tokens + sample.output_tokens).max() <= 4096
            assert min(sample.input_tokens.min(), sample.output_tokens.min()) >= 1
            assert sample.arrival[-1] == pytest.approx(500)

    def test_a_trace_is_cut_into_stretches(self) -> None:
        arrival = np.arange(100.0)[::-1]
        first, second = cut(arrival, np.arange(100), np.arange(100), 2, 40)
        assert list(first.input_tokens) == list(range(99, 59, -1))
        assert second.arrival[0] == 0
        assert np.diff(second.arrival) == pytest.approx(1.0)


@pytest.mark.parametrize("name", [each.key for each in models()])
def test_the_quick_steps_are_the_modelled_ones(name: str) -> None:
    for card in gpus():
        for precision, number in (("bf16", 1), ("fp8", 2), ("fp4", 4), ("int4", 8)):
            modelled = steps(name, card.key, precision, number)
            quick = ScalarSteps(modelled)
            for work in ((0, 0, ((700, 0),)), (60, 3000, ((1500, 0), (22, 100))), (3, 300, ((4, 9000),))):
                assert quick.mixed_ns(*work) == pytest.approx(modelled.mixed_ns(*work), rel=1e-12)


class TestMemory:
    def test_a_second_answer_is_the_first(self, folder: Path, plain: Capacity, monkeypatch) -> None:
        assert capacity_cache.capacity(PLAIN) == plain
        capacity_cache.capacity.cache_clear()
        monkeypatch.setattr(capacity_cache, "measure", lambda question: pytest.fail("was asked again"))
        assert capacity_cache.capacity(PLAIN) == plain
        assert len(list(folder.iterdir())) == 1

    def test_other_code_is_asked_again(self, folder: Path, plain: Capacity, monkeypatch) -> None:
        capacity_cache.capacity(PLAIN)
        capacity_cache.capacity.cache_clear()
        monkeypatch.setattr(disk_cache, "code_hash", lambda: "other")
        monkeypatch.setattr(capacity_cache, "measure", lambda question: replace(plain, high=9e9))
        assert capacity_cache.capacity(PLAIN).high == 9e9
        assert len(list(folder.iterdir())) == 2

    def test_the_code_that_answers_is_all_of_this_package(self, tmp_path: Path) -> None:
        serving, copied = Path(capacity_cache.__file__).parent, tmp_path / "serving"
        shutil.copytree(serving, copied)
        was = source_hash(tmp_path, copied.rglob("*"))
        for name in ("capacity.py", "serve.py", "data/efficiencies.csv"):
            (copied / name).write_text((serving / name).read_text() + "\n# other\n")
            assert source_hash(tmp_path, copied.rglob("*")) != was
            (copied / name).write_bytes((serving / name).read_bytes())
        assert source_hash(tmp_path, copied.rglob("*")) == was

    @pytest.mark.parametrize("sealed", [False, True])
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("requests_per_second", float("nan")),
            ("requests_per_second", -1.0),
            ("low", 1e9),
            ("high", 10**400),
            ("high", float("inf")),
            ("ttft_p95_s", -1.0),
            ("binds", "luck"),
        ],
    )
    def test_a_figure_that_is_none_is_found_again(
        self, folder: Path, plain: Capacity, field: str, value: object, sealed: bool
    ) -> None:
        """Sealed: with the fingerprint that goes with it."""
        self.spoil(folder, sealed=sealed, change=lambda held: {**held, field: value})
        assert capacity_cache.capacity(PLAIN) == plain

    def test_a_thousandfold_is_found_again(self, folder: Path, plain: Capacity) -> None:
        rates = ("requests_per_second", "low", "high", "saturated_per_second")
        self.spoil(folder, sealed=False, change=lambda held: {**held, **{name: 1000 * held[name] for name in rates}})
        assert capacity_cache.capacity(PLAIN) == plain

    def spoil(self, folder: Path, *, sealed: bool, change) -> None:
        capacity_cache.capacity(PLAIN)
        capacity_cache.capacity.cache_clear()
        (file,) = folder.iterdir()
        held = json.loads(file.read_text(encoding="utf-8"))
        held["capacity"] = change(held["capacity"])
        if sealed:
            held["sha256"] = disk_cache._fingerprint(held["question"], held["capacity"])
        file.write_text(json.dumps(held), encoding="utf-8")

    @pytest.mark.parametrize(
        "content", ["", "{", "[]", "null", '{"question": "another", "capacity": {}}', "[" * 100_000, "\x00"]
    )
    def test_a_spoilt_file_is_ignored(self, folder: Path, plain: Capacity, monkeypatch, content: str) -> None:
        monkeypatch.setattr(capacity_cache, "measure", lambda question: plain)
        capacity_cache.capacity(PLAIN)
        capacity_cache.capacity.cache_clear()
        (file,) = folder.iterdir()
        file.write_text(content, encoding="utf-8")
        assert capacity_cache.capacity(PLAIN) == plain
        assert json.loads(file.read_text(encoding="utf-8"))["capacity"]["low"] == plain.low

    @pytest.mark.parametrize(("field", "value"), [("low", "3"), ("binds", 3), ("why", None), ("low", True)])
    def test_a_field_of_another_type_is_ignored(
        self, folder: Path, plain: Capacity, monkeypatch, field: str, value: object
    ) -> None:
        monkeypatch.setattr(capacity_cache, "measure", lambda question: plain)
        capacity_cache.capacity(PLAIN)
        capacity_cache.capacity.cache_clear()
        (file,) = folder.iterdir()
        held = json.loads(file.read_text(encoding="utf-8"))
        held["capacity"][field] = value
        file.write_text(json.dumps(held), encoding="utf-8")
        assert capacity_cache.capacity(PLAIN) == plain

    def test_a_folder_that_cannot_be_made(self, folder: Path, tmp_path: Path, monkeypatch, plain: Capacity) -> None:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("SWITCHPOINT_CACHE", str(tmp_path / "file" / "below"))
        capacity_cache.capacity.cache_clear()
        assert capacity_cache.capacity(PLAIN) == plain

    def test_the_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SWITCHPOINT_CACHE", "off")
        assert disk_cache.cache_folder() is None
        monkeypatch.delenv("SWITCHPOINT_CACHE")
        monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
        assert disk_cache.cache_folder() == Path("/somewhere/switchpoint")


class TestAcross:
    """Capacity where tokens grow or are drawn."""

    def test_without_growth_one_question_is_asked(self) -> None:
        asked = []
        rates, why = across(lambda i, o: asked.append((i, o)) or made(3.0), np.ones((2, 12)))
        assert asked == [(1.0, 1.0)]
        assert (rates == 3.0).all()
        assert why == ""

    def test_where_input_and_output_grow_alike_only_the_corners_on_that_line_are_asked(self) -> None:
        asked = []
        across(lambda i, o: asked.append((i, o)) or made(3.0), np.tile([1.0, 1.2, 1.6], (2, 1)))
        assert asked == [(GRID**n, GRID**n) for n in range(3)]

    @settings(max_examples=50)
    @given(inputs=st.floats(0.1, 10), outputs=st.floats(0.1, 10))
    def test_a_power_law_comes_out_exactly(self, inputs: float, outputs: float) -> None:
        rates, _ = across(lambda i, o: made(6 / i**2 / o**0.5), np.array([[inputs], [outputs]]))
        assert rates == pytest.approx([6 / inputs**2 / outputs**0.5])

    def test_towards_nothing(self) -> None:
        rates, why = across(
            lambda i, o: made(2.0) if i < GRID else made(0.0, "too long"), np.tile([1, 1.2, 1.6], (2, 1))
        )
        assert rates[0] == 2
        assert 0 < rates[1] < 2
        assert rates[2] == 0
        assert why == "too long"

    def test_without_tokens_of_a_kind_the_other_one_decides(self) -> None:
        rates, _ = across(lambda i, o: made(1 / o), np.array([[0.0], [2.0]]))
        assert rates == pytest.approx([0.5])

    def test_it_is_close_to_what_is_simulated_between(self) -> None:
        def at(i: float, o: float) -> Capacity:
            return briefly(question(1000 * i, 200 * o))

        (rate,), _ = across(at, np.array([[GRID**0.5], [GRID**0.25]]))
        assert rate == pytest.approx(at(GRID**0.5, GRID**0.25).requests_per_second, rel=0.06)


def made(rate: float, why: str = "") -> Capacity:
    return Capacity(rate, rate, rate, rate, "latency", 0.0, 0.0, why, False)


def test_a_percentile_of_nothing_is_nothing() -> None:
    empty = RateTrial(1.0, (np.array([0.1]),), (np.array([]),), 0.5)
    assert empty.percentile(95) == (0.1, 0.0)
    assert empty.excess(Promise(0.2, 0.01)) < 0


class TestKvCache:
    """What one sequence keeps, by hand."""

    def sequences(self, name: str, card: str, precision: str, gpus: int, tokens: float) -> float:
        return steps(name, card, precision, gpus).sequences(tokens)

    def room(self, name: str, card: str, precision: str, gpus: int) -> float:
        return steps(name, card, precision, gpus).room_bytes

    def test_a_sliding_window_bounds_most_layers(self) -> None:
        """Gemma 4 31B in FP8 (a byte a number): 50 layers keep 1,024 tokens of 2 x 16 x 256, 10 all of 2 x 4 x 512."""
        held = 50 * 2 * 16 * 256 * 1_024 + 10 * 2 * 4 * 512 * 16_350
        found = self.sequences("gemma-4-31b", "H200", "fp8", 1, 16_350)
        assert found == pytest.approx(self.room("gemma-4-31b", "H200", "fp8", 1) / held, rel=1e-3)
        assert found > 90

    def test_what_cannot_be_split_is_kept_on_every_gpu(self) -> None:
        """DeepSeek V3's vector is kept 8 times on 8 GPUs; Qwen3 235B's 4 heads are kept twice on 8."""
        held = 8 * 61 * 576 * 4_000
        found = self.sequences("deepseek-v3", "H200", "fp8", 8, 4_000)
        assert found == pytest.approx(self.room("deepseek-v3", "H200", "fp8", 8) / held, rel=1e-6)
        held = 2 * 2 * 94 * 4 * 128 * 4_000
        found = self.sequences("qwen3-235b-a22b", "H200", "fp8", 8, 4_000)
        assert found == pytest.approx(self.room("qwen3-235b-a22b", "H200", "fp8", 8) / held, rel=1e-6)

    def test_experts_fill_memory_but_few_are_computed(self) -> None:
        """235 of 235 billion parameters in a byte each (vocabulary in two), 2 FLOPs for the active ones a token."""
        on = steps("qwen3-235b-a22b", "H200", "fp8", 8).deployment
        vocabulary = 2 * 151_936 * 4_096
        assert float(on.weight_bytes) == pytest.approx(235.093e9 + vocabulary, rel=1e-3)
        flops = float(on.shared_flops + on.expert_flops)
        assert flops == pytest.approx(2 * (22.19e9 - vocabulary), rel=1e-3)
