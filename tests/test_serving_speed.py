"""The step time of a replica: worked out by hand once, and what must hold for any model and GPU."""

import math
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchpoint import throughput
from switchpoint.catalog import CatalogError, gpu, gpus, model, models
from switchpoint.serving.batch import StepTime
from switchpoint.serving.hardware import BITS, Architecture, Efficiencies, deploy, shipped_efficiencies
from switchpoint.serving.steady_state import RequestTraffic, steady
from switchpoint.serving.step_time import ModelledSteps

PERFECT = Efficiencies(
    *[1.0] * 8, nvlink_us=0, pcie_us=0, layer_us=0, sequence_us=0, vllm=1, amd=1, request_ms=0, waiting_share=0
)
PRECISIONS = st.sampled_from(sorted(BITS))
MODELS = st.sampled_from([each for each in models() if each.params_billion >= 7])
GPUS = st.sampled_from(gpus())
ANY = given(known=MODELS, card=GPUS, precision=PRECISIONS, n=st.sampled_from([1, 2, 4, 8]))


def steps(name: str = "llama-3.1-8b", on: str = "H100", precision: str = "bf16", n: int = 1, **more) -> ModelledSteps:
    return ModelledSteps(Architecture.of(model(name)), gpu(on), precision, n, **more)


def speed(**changes) -> float:
    asked = {"model": "llama-3.1-8b", "gpu": "H100", "precision": "fp8", "input_tokens": 500, "output_tokens": 500}
    return throughput(**{**asked, **changes}).output_tokens_per_second


class TestByHand:
    """Llama 3.1 8B on an H100 whose datasheet comes true; 8.03 B parameters, of which 2 x 128,256 x 4,096 embed."""

    BODY = 8.03e9 - 2 * 128_256 * 4096
    HEAD = 128_256 * 4096

    def test_one_sequence_reads_all_weights_but_the_input_embeddings(self) -> None:
        reading = 2 * (self.BODY + self.HEAD) / 3350e9
        computing = 2 * (self.BODY + self.HEAD) / 989e12
        assert float(steps(efficiencies=PERFECT).decode(1, 0)) == pytest.approx(math.hypot(reading, computing))

    def test_each_cached_token_is_read(self) -> None:
        own = steps(efficiencies=PERFECT)
        more = float(own.decode(8, 1000)) - float(own.decode(8, 0))
        assert more == pytest.approx(8 * 1000 * 131_072 / 3350e9)

    def test_a_prompt_computes_and_attends(self) -> None:
        reading = 2 * (self.BODY + self.HEAD) / 3350e9
        computing = 2 * 4000 * self.BODY / 989e12
        attending = 4 * 32 * 4096 * 4000 * 2000 / 989e12
        expected = math.hypot(reading, computing) + attending
        assert float(steps(efficiencies=PERFECT).prefill(4000)) == pytest.approx(expected)

    def test_two_gpus_halve_the_work_and_exchange_activations(self) -> None:
        one, two = (float(steps(efficiencies=PERFECT, n=n).decode(64, 1000)) for n in (1, 2))
        exchange = 2 * 32 * 64 * 4096 * 2 * 2 * (1 / 2) / 450e9
        assert two == pytest.approx(one / 2 + exchange)

    def test_launches_add_and_scheduling_overlaps(self) -> None:
        gpu_only = float(steps(efficiencies=PERFECT).decode(100, 500))
        both = replace(PERFECT, layer_us=50.0, sequence_us=30.0)
        expected = math.hypot(gpu_only + 32 * 50e-6, 100 * 30e-6)
        assert float(steps(efficiencies=both, engine="trtllm").decode(100, 500)) == pytest.approx(expected)

    def test_one_token_of_a_mixture_reads_the_experts_it_uses(self) -> None:
        made = deploy(Architecture.of(model("mixtral-8x7b")), gpu("H100"), "bf16", 2)
        used = made.shared_bytes + made.expert_bytes * 0.25 + made.vocabulary_bytes
        assert float(used) == pytest.approx(2 * (12.88e9 - 32_000 * 4096), rel=1e-3)

    def test_sliding_windows_keep_less(self) -> None:
        made = deploy(Architecture.of(model("gpt-oss-120b")), gpu("H100"), "fp4")
        assert float(made.cached_tokens(np.array(10_000.0))) == 0.5 * 10_000 + 0.5 * 128


class TestSizes:
    """Weights take what published checkpoints take."""

    @pytest.mark.parametrize(
        ("name", "precision", "gigabytes"),
        [
            ("llama-3.1-8b", "bf16", 16.1),
            ("llama-3.1-8b", "fp8", 9.1),
            ("llama-3.1-70b", "fp8", 72.7),
            ("llama-3.1-70b", "fp4", 42.7),
            ("gpt-oss-120b", "fp4", 65.2),
            ("gpt-oss-20b", "bf16", 13.8),
        ],
    )
    def test_weights(self, name: str, precision: str, gigabytes: float) -> None:
        assert float(steps(name, "B200", precision).deployment.weight_bytes) / 1e9 == pytest.approx(gigabytes, rel=0.01)

    @given(known=MODELS, card=GPUS, precision=PRECISIONS, n=st.sampled_from([1, 2, 4, 8]), tokens=st.integers(1, 4000))
    def test_what_runs_at_a_time_fits_in_memory(self, known, card, precision, n, tokens) -> None:
        made = ModelledSteps(Architecture.of(known), card, precision, n)
        if made.sequences(tokens) >= 1:
            held = (
                math.floor(made.sequences(tokens))
                * made.deployment.cached_tokens(np.array(float(tokens)))
                * made.deployment.kv_bytes
            )
            assert held + made.deployment.weight_bytes < card.hbm_gib * 2**30 * n

    def test_a_model_known_by_its_size_only_is_much_like_itself(self) -> None:
        known = model("llama-3.1-8b")
        bare = Architecture.from_dimensions(known.params_billion, known.layers, known.kv_heads, known.head_dim)
        own, other = steps(), ModelledSteps(bare, gpu("H100"), "bf16")
        assert float(other.decode(32, 1000)) == pytest.approx(float(own.decode(32, 1000)), rel=0.1)
        assert float(other.prefill(2000)) == pytest.approx(float(own.prefill(2000)), rel=0.2)


class TestForAnyDeployment:
    @ANY
    def test_a_faster_gpu_is_faster(self, known, card, precision, n) -> None:
        better = {
            "bandwidth_gb_s": card.bandwidth_gb_s * 1.3,
            "bf16_tflops": card.bf16_tflops * 1.3,
            "interconnect_gb_s": card.interconnect_gb_s,
        }
        slow = ModelledSteps(Architecture.of(known), card, precision, n)
        for name, value in better.items():
            fast = ModelledSteps(Architecture.of(known), replace(card, **{name: value}), precision, n)
            assert float(fast.decode(8, 500)) <= float(slow.decode(8, 500))
            assert float(fast.prefill(2000)) <= float(slow.prefill(2000))

    @ANY
    def test_more_work_takes_longer(self, known, card, precision, n) -> None:
        own = ModelledSteps(Architecture.of(known), card, precision, n)
        table = own.table(6, 40)
        assert table.shape == (7, 41)
        assert (np.diff(table, axis=0) > 0).all()
        assert (np.diff(table[1:], axis=1) > 0).all()
        assert float(own.prefill(100)) < float(own.prefill(200)) < float(own.prefill(200, before=500))
        assert float(own.step(4, 100, 50, 25)) > float(own.decode(4, 100))

    @ANY
    def test_it_answers_what_the_simulation_asks(self, known, card, precision, n) -> None:
        own = ModelledSteps(Architecture.of(known), card, precision, n)
        assert isinstance(own, StepTime)
        assert own.decode_ns(3, np.array([10, 20])) == pytest.approx(own.table(3, 20)[3, [10, 20]] * 1e9)
        assert own.mixed_ns(0, 0, [(200, 500)]) == pytest.approx(float(own.prefill(200, 500)) * 1e9)
        assert own.mixed_ns(2, 50, [(100, 0), (60, 40)]) > own.decode_ns(2, np.array([50]))[0]

    @ANY
    def test_longer_requests_are_slower(self, known, card, precision, n) -> None:
        made = deploy(Architecture.of(known), card, precision, n)
        inputs = np.array([100.0, 200.0, 800.0, 3000.0, 9000.0])
        for flight in (1.0, 16.0, np.inf):
            said = steady(made, shipped_efficiencies(), 1.0, RequestTraffic(inputs, np.array(200.0), np.array(flight)))
            assert (np.diff(said.output_tokens_per_second) < 0).all()

    @ANY
    def test_more_in_flight_make_more_and_wait_longer(self, known, card, precision, n) -> None:
        made = deploy(Architecture.of(known), card, precision, n)
        flight = np.array([1.0, 2, 4, 8, 16, 32])
        flight = flight[flight <= max(float(made.sequences(np.array(1000.0))), 1)]
        said = steady(made, shipped_efficiencies(), 1.0, RequestTraffic(np.array(500.0), np.array(500.0), flight))
        assert (np.diff(said.output_tokens_per_second) > 0).all()
        assert (np.diff(said.tpot_s) > 0).all()
        assert (np.diff(said.ttft_s) > 0).all()


@given(known=MODELS, card=GPUS, n=st.sampled_from([1, 2, 4, 8]), flight=st.sampled_from([1.0, 8.0, 64.0, np.inf]))
def test_fp8_is_at_least_as_fast_as_bf16(known, card, n, flight) -> None:
    traffic = RequestTraffic(np.array(1000.0), np.array(300.0), np.array(flight))
    wide, narrow = (
        steady(
            deploy(Architecture.of(known), card, precision, n), shipped_efficiencies(), 1.0, traffic
        ).output_tokens_per_second
        for precision in ("bf16", "fp8")
    )
    assert narrow >= wide


@pytest.mark.parametrize("name", ["llama-3.1-8b", "qwen3-32b", "llama-3.1-70b", "gpt-oss-120b"])
@pytest.mark.parametrize("flight", [4, 16])
def test_more_gpus_make_more_but_less_each(name: str, flight: int) -> None:
    speeds = [speed(model=name, gpu="H200", tensor_parallel=n, concurrency=flight) for n in (1, 2, 4, 8)]
    assert all(few < many for few, many in pairwise(speeds))
    each = [made / n for made, n in zip(speeds, (1, 2, 4, 8), strict=True)]
    assert all(few > many for few, many in pairwise(each))


def test_pcie_makes_several_gpus_slower_than_nvlink() -> None:
    linked, plugged = (speed(gpu=card, precision="bf16", tensor_parallel=2) for card in ("A100", "A100-PCIe"))
    assert plugged < 0.95 * linked


class TestThroughput:
    def test_names_as_their_makers_write_them(self) -> None:
        said = throughput(
            model="meta-llama/Llama-3.1-8B-Instruct",
            gpu="NVIDIA H100 80GB HBM3",
            precision="FP8",
            input_tokens=1000,
            output_tokens=1000,
        )
        assert (said.model, said.gpu, said.precision) == ("llama-3.1-8b", "H100", "fp8")
        assert said.concurrency is None
        assert said.output_tokens_per_second == pytest.approx(15_245, rel=0.25)
        assert not said.extrapolated

    @pytest.mark.parametrize("card", ["T4", "L4", "A10G"])
    def test_gpus_without_measurements_say_so(self, card: str) -> None:
        asked = {"model": "llama-3.2-3b", "input_tokens": 200, "output_tokens": 100, "concurrency": 4}
        assert throughput(gpu=card, **asked).extrapolated
        assert not throughput(gpu="L40S", **asked).extrapolated

    def test_little_s_law(self) -> None:
        said = throughput(model="llama-3.1-8b", gpu="L40S", input_tokens=800, output_tokens=200, concurrency=12)
        in_flight = said.output_tokens_per_second / 200 * (said.ttft_s + 199 * said.tpot_s)
        assert in_flight == pytest.approx(12)

    def test_what_exceeds_memory_waits(self) -> None:
        asked = {
            "model": "llama-3.1-70b",
            "gpu": "H100",
            "precision": "fp8",
            "input_tokens": 4000,
            "output_tokens": 1000,
        }
        few = throughput(**asked, concurrency=2)
        many = throughput(**asked, concurrency=200)
        assert many.max_concurrency == few.max_concurrency < 200
        assert many.ttft_s > 10 * few.ttft_s

    def test_one_token_out_is_possible(self) -> None:
        for flight in (None, 1, 32):
            said = speed(output_tokens=1, concurrency=flight)
            assert 0 < said < 1000

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"model": "llama-3.1-9b"}, "did you mean llama-3.1-8b"),
            ({"gpu": "H1000"}, "did you mean H100"),
            ({"precision": "fp9"}, "unknown precision 'fp9'"),
            ({"engine": "vlm"}, "did you mean vllm"),
            ({"input_tokens": 0}, "input_tokens: got '0'"),
            ({"output_tokens": math.nan}, "output_tokens: got 'nan'"),
            ({"concurrency": -1}, "concurrency: got '-1'"),
            ({"concurrency": math.inf}, "concurrency: got 'inf'"),
            ({"tensor_parallel": 1.5}, "tensor_parallel: got '1.5'"),
            ({"input_tokens": True}, "input_tokens: got 'True'"),
            ({"model": None}, "model: got None"),
            ({"input_tokens": 200_000}, "takes 131,072 tokens"),
            (
                {"model": "llama-3.1-70b", "precision": "bf16"},
                "weights of 131 GiB and activations of 1.4 GiB do not fit into the 76 GiB of 80 GiB",
            ),
            ({"gpu": "T4", "precision": "int8", "input_tokens": 90_000}, "a request of 90,500 tokens does not fit"),
        ],
    )
    def test_what_is_wrong_is_said_in_one_line(self, wrong: dict[str, object], says: str) -> None:
        with pytest.raises(CatalogError) as fault:
            speed(**wrong)
        assert says in str(fault.value)
        assert "\n" not in str(fault.value)


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, switchpoint as s; print('numpy' in sys.modules, callable(s.throughput), 'scipy' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "True", "False"]


def test_the_package_has_no_other_attributes() -> None:
    import switchpoint

    assert "throughput" in dir(switchpoint)
    with pytest.raises(AttributeError, match="nonsense"):
        switchpoint.nonsense  # noqa: B018
