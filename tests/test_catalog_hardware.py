"""GPUs and rents: full names, comparable offers, medians, and who has what."""

import dataclasses
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchpoint.catalog import CatalogError, gpu, gpus, rent, rents, sold_in
from switchpoint.decision.case import simulate
from switchpoint.decision.notes import provenance_of
from switchpoint.scenario.candidates import GpuCandidate
from switchpoint.simulation.capacity import rent_per_hour
from tests.small_worlds import scenario

MEASURED = {"A100", "A100-40", "A100-PCIe", "B200", "GB200", "H100", "L40S", "MI300X", "RTX-PRO-6000"}


class TestNames:
    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("H100", "H100"),
            ("h100", "H100"),
            ("NVIDIA H100 80GB SXM", "H100"),
            ("NVIDIA H100 80GB HBM3", "H100"),
            ("H100-SXM5-80GB", "H100"),
            ("NVIDIA H100 PCIe", "H100-PCIe"),
            ("A100", "A100"),
            ("A100-80GB", "A100"),
            ("NVIDIA A100-SXM4-80GB", "A100"),
            ("A100-40", "A100-40"),
            ("NVIDIA A100-SXM4-40GB", "A100-40"),
            ("NVIDIA A100 80GB PCIe", "A100-PCIe"),
            ("a100-pcie", "A100-PCIe"),
            ("Tesla T4", "T4"),
            ("NVIDIA A10G", "A10G"),
            ("NVIDIA L40S 48GB", "L40S"),
            ("AMD Instinct MI300X", "MI300X"),
            ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTX-PRO-6000"),
            ("NVIDIA GeForce RTX 4090", "RTX-4090"),
            ("NVIDIA B200 192GB", "B200"),
        ],
    )
    def test_full_names_are_understood(self, name: str, key: str) -> None:
        assert gpu(name).key == key

    @pytest.mark.parametrize(
        ("name", "suggestion"),
        [("H10", "H100"), ("L40", "L40S"), ("NVIDIA H100 NVL 94GB", "known are"), ("A100-PCIE-40GB", "A100-PCIe")],
    )
    def test_what_is_not_there_is_never_taken_for_its_neighbour(self, name: str, suggestion: str) -> None:
        with pytest.raises(CatalogError, match=suggestion):
            gpu(name)

    @given(name=st.text(max_size=100))
    def test_any_text_is_a_gpu_or_one_line_of_error(self, name: str) -> None:
        message = ""
        try:
            assert gpu(name) in gpus()
        except CatalogError as fault:
            message = str(fault)
        assert len(message.splitlines()) <= 1

    def test_every_key_finds_itself(self) -> None:
        assert [gpu(each.key) for each in gpus()] == list(gpus())
        assert len({each.key for each in gpus()}) == len(gpus())


class TestSpecs:
    def test_a_datasheet(self) -> None:
        h100 = gpu("H100")
        assert (h100.hbm_gib, h100.bandwidth_gb_s, h100.bf16_tflops, h100.fp8_tflops) == (80, 3350, 989, 1978)
        assert (h100.tdp_w, h100.interconnect_gb_s, h100.fp4_tflops) == (700, 450, None)

    def test_old_cards_have_no_fp8(self) -> None:
        assert {each.key for each in gpus() if each.fp8_tflops is None} >= {"T4", "A10G", "A100", "A100-40"}

    def test_what_was_measured_is_not_extrapolated(self) -> None:
        assert {each.key for each in gpus() if not each.extrapolated} == MEASURED

    def test_weak_sources_say_so(self) -> None:
        assert not gpu("A10G").verified
        assert "unverified" in gpu("A10G").source
        assert gpu("H100").verified

    def test_rows_are_frozen(self) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            gpu("H100").hbm_gib = 1  # type: ignore[misc]


class TestRent:
    @pytest.mark.parametrize(
        ("name", "provider", "usd", "instance"),
        [
            ("H100", "lambda", 3.99, "8x"),
            ("H100", "nebius", 2.95, "h100-sxm"),
            ("H100", "AWS", 6.88, "p5."),
            ("H100", "azure", 12.29, "H100_v5"),
            ("H100-PCIe", "azure", 6.98, "NC40ads"),
            ("L40S", "nebius", 1.5484, "l40s"),
            ("L4", "aws", 0.8048, "g6.xlarge"),
            ("A100", "DataCrunch", 1.29, "1A100"),
            ("A100-PCIe", "vast", 0.87, "PCIE"),
        ],
    )
    def test_a_provider_is_asked_for_its_cheapest_machine(
        self, name: str, provider: str, usd: float, instance: str
    ) -> None:
        offer = rent(name, provider)
        assert offer.usd_per_gpu_hour == usd
        assert instance in offer.instance
        assert offer.instance in offer.source

    def test_reserved_capacity_never_undercuts_on_demand(self) -> None:
        assert min(each.usd_per_gpu_hour for each in rents("H100") if each.provider == "aws") == 4.9162
        assert rent("H100", "aws").terms == "on-demand"

    def test_reserved_capacity_stands_in_where_there_is_nothing_else_and_says_so(self) -> None:
        offer = rent("H200", "aws")
        assert offer.terms == "reserved"
        assert "reserved" in offer.source

    def test_a_fraction_of_a_gpu_is_no_gpu(self) -> None:
        assert any(each.terms == "fraction" for each in rents("A10"))
        with pytest.raises(CatalogError, match="no rent of A10 at 'azure' in the catalogue; oci has one"):
            rent("A10", "azure")

    def test_the_median_counts_each_provider_once(self) -> None:
        offer = rent("L40S")
        cheapest = {}
        for each in rents("L40S"):
            cheapest.setdefault(each.provider, each.usd_per_gpu_hour)
        assert offer.usd_per_gpu_hour == statistics.median(cheapest.values()) == 1.5
        assert offer.source.startswith("median of 7 providers, $0.60-1.86: ")
        assert offer.provider == "median"

    def test_one_provider_is_called_one(self) -> None:
        assert rent("MI300X").source.startswith("median of 1 provider (runpod), ")

    def test_spot_is_its_own_market(self) -> None:
        assert rent("H100", "nebius", spot=True).usd_per_gpu_hour == 1.25
        assert rent("H100", spot=True).source.startswith("median of 3 providers, $0.80-2.27")
        with pytest.raises(CatalogError, match="no spot price of L40S in the catalogue; or state usd_per_gpu_hour"):
            rent("L40S", spot=True)

    def test_an_unknown_provider_is_told_who_has_the_gpu(self) -> None:
        with pytest.raises(CatalogError, match=r"no rent of H100 at 'nobody' in the catalogue; aws, azure, .* have"):
            rent("H100", "nobody")

    def test_an_unknown_gpu_is_named(self) -> None:
        with pytest.raises(CatalogError, match="unknown GPU 'H1000'; did you mean H100"):
            rent("H1000", "aws")

    @pytest.mark.parametrize("spot", [False, True])
    @pytest.mark.parametrize("key", [each.key for each in gpus()])
    def test_every_rent_is_positive_sourced_and_in_order(self, key: str, spot: bool) -> None:
        offers = rents(key, spot)
        assert all(each.usd_per_gpu_hour > 0 and each.source and each.date for each in offers)
        assert [each.usd_per_gpu_hour for each in offers] == sorted(each.usd_per_gpu_hour for each in offers)

    @pytest.mark.parametrize("key", [each.key for each in gpus()])
    def test_spot_is_no_dearer_than_on_demand_on_the_same_machine(self, key: str) -> None:
        firm = {(each.provider, each.instance, each.region): each.usd_per_gpu_hour for each in rents(key)}
        for each in rents(key, spot=True):
            assert each.usd_per_gpu_hour < firm[each.provider, each.instance, each.region]


@pytest.mark.parametrize(
    ("provider", "name", "spot", "gpus"),
    [
        ("gcp", "H100", False, 8),
        ("google", "H100", False, 8),
        ("aws", "H100", False, 1),
        ("aws", "B200", False, 8),
        ("aws", "H200", False, 8),
        ("lambda", "H100", False, 2),
        ("runpod", "MI300X", False, 8),
        ("azure", "H100", True, 8),
        ("azure", "A10", False, 1),
        (None, "H100", False, 1),
    ],
)
def test_gpus_come_as_they_are_sold(provider: str | None, name: str, spot: bool, gpus: int) -> None:
    assert sold_in(provider, name, spot) == gpus


@pytest.mark.parametrize(("together", "usd"), [(None, 3.99), (1, 4.19), (2, 4.19), (4, 4.09), (8, 3.99), (16, 3.99)])
def test_the_rent_is_that_of_the_machine_that_is_paid(together: int | None, usd: float) -> None:
    """A machine of two costs more a GPU than one of eight; where none is large enough, the cheapest counts."""
    assert rent("H100", "lambda", together=together).usd_per_gpu_hour == usd


def test_a_fleet_pays_and_names_the_rent_of_its_machine() -> None:
    def paid(replica: int) -> tuple[float, float]:
        fleet = {"gpu": "H100", "provider": "lambda", "gpus_per_replica": replica, "requests_per_second_per_replica": 1}
        candidate = GpuCandidate.model_validate({"kind": "gpu", "fleet": fleet})
        spec = scenario().model_copy(update={"candidates": {"box": candidate}})
        (source,) = [each for each in provenance_of(simulate(spec)) if each["field"].endswith("usd_per_gpu_hour")]
        return float(rent_per_hour(candidate)), source["value"]

    assert paid(1) == (4.19, 4.19)
    assert paid(8) == (3.99, 3.99)


def test_who_does_not_have_a_gpu_sells_none() -> None:
    with pytest.raises(CatalogError, match="no rent of B300 at 'aws'"):
        sold_in("aws", "B300")
