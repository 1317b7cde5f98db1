"""GPUs, rents, open models."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from functools import cache
from statistics import median

from switchpoint.catalog.tables import CatalogError, quote_name, records, squash, unknown, words

MAKER_WORDS = re.compile(
    r"nvidia|amd|instinct|tesla|geforce|rtx|tensor|core|gpu|blackwell|hopper|ampere|server|edition|sxm\d?|oam|hbm\de?|gddr\dx?"
)
PROVIDER_ALIASES = {"amazon": "aws", "datacrunch": "verda", "google": "gcp", "oracle": "oci", "vast": "vastai"}


@dataclass(frozen=True)
class Gpu:
    """A GPU as its datasheet states it; TFLOP/s and TOPS dense."""

    key: str
    memory_gb: str
    """Memory as sold, GB; the sizes that its full name may state, separated by |."""
    hbm_gib: float
    """Usable memory, GiB."""
    bandwidth_gb_s: float
    """Memory bandwidth, GB/s."""
    bf16_tflops: float
    """BF16 TFLOP/s (T4: FP16)."""
    fp8_tflops: float | None
    int8_tops: float | None
    fp4_tflops: float | None
    tdp_w: float
    """Rated power, W."""
    interconnect_gb_s: float
    """To the other GPUs of its machine, one way, GB/s."""
    extrapolated: bool
    """No published serving throughput was at hand to calibrate on."""
    note: str
    verified: bool
    source: str
    date: str


@dataclass(frozen=True)
class Rent:
    """What a provider asks for a GPU, or the median of what providers ask."""

    gpu: str
    provider: str
    """Provider, or `median`."""
    instance: str
    """Machine that is rented; empty for the median."""
    gpus_per_instance: int
    spot: bool
    """Spot or preemptible instead of on demand."""
    usd_per_gpu_hour: float
    terms: str
    """on-demand, reserved (days ahead, paid in full) or fraction (of a GPU)."""
    region: str
    note: str
    verified: bool
    source: str
    date: str


@cache
def gpus() -> tuple[Gpu, ...]:
    """All GPUs of the catalogue."""
    return records(Gpu, "gpus")


@cache
def gpu(name: str) -> Gpu:
    """The GPU of that key, or full name as its maker writes it ("NVIDIA H100 80GB HBM3").

    Raises:
        CatalogError: with the nearest known names.
    """
    spelt = words(name, MAKER_WORDS)
    sizes = [size for size in map(_memory, spelt) if size]
    model = frozenset(word for word in spelt if _memory(word) is None)
    found = _spellings().get((model, sizes[0] if sizes else None))
    if found is None:
        raise unknown("GPU", name, (each.key for each in gpus()))
    return found


@cache
def rents(gpu_name: str, spot: bool = False) -> tuple[Rent, ...]:
    """Every rent of the GPU on demand, or spot; dollars per GPU-hour, cheapest first.

    Raises:
        CatalogError: for a GPU that is not in the catalogue.
    """
    key = gpu(gpu_name).key
    found = (each for each in records(Rent, "rents") if each.gpu == key and each.spot == spot)
    return tuple(sorted(found, key=lambda each: each.usd_per_gpu_hour))


@cache
def rent(gpu_name: str, provider: str | None = None, spot: bool = False, together: int | None = None) -> Rent:
    """What the GPU rents for: at a provider its cheapest machine of whole GPUs, else the median of all providers.

    The median takes one value per provider, its cheapest on demand (or spot). Fractions of GPUs never count; reserved
    capacity counts only where a provider is named that has nothing else.

    Args:
        gpu_name: the GPU.
        provider: who rents it out; anybody when left out.
        spot: whether it may be taken away.
        together: GPUs that are rented together. At a provider it is then the cheapest of its smallest machines that
            hold them, whose GPUs may cost more than those of a larger one; where none does, the cheapest of all.

    Raises:
        CatalogError: where nobody in the catalogue, or not that provider, has the GPU; it names those who have.
    """
    offers = [each for each in rents(gpu_name, spot) if each.terms != "fraction"]
    firm = [each for each in offers if each.terms == "on-demand"]
    if provider is None:
        return _median(gpu_name, spot, firm)
    wanted = _provider(provider)
    own = [each for each in (*firm, *offers) if _provider(each.provider) == wanted]
    if not own:
        raise _nowhere(gpu_name, spot, provider, offers)
    if together is not None:
        held = [each for each in own if each.gpus_per_instance >= together]
        least = min((each.gpus_per_instance for each in held), default=None)
        own = [each for each in held if each.gpus_per_instance == least] or own
    return replace(own[0], source=f"{_where(own[0])}: {own[0].source}")


@cache
def sold_in(provider: str | None, gpu_name: str, spot: bool = False) -> int:
    """How many of the GPU a provider sells together at least: 8 where it has them only in nodes of 8.

    1 without a provider, and where it has the GPU in fractions only.

    Raises:
        CatalogError: where that provider has no such GPU.
    """
    return 1 if provider is None else smallest_machine(provider, gpu_name, spot).gpus_per_instance


def smallest_machine(provider: str, gpu_name: str, spot: bool = False) -> Rent:
    """The provider's machine with the fewest of the GPU.

    Raises:
        CatalogError: where that provider has no such GPU.
    """
    wanted = _provider(provider)
    offers = [each for each in rents(gpu_name, spot) if _provider(each.provider) == wanted]
    if not offers:
        raise _nowhere(gpu_name, spot, provider, list(rents(gpu_name, spot)))
    firm = [each for each in offers if each.terms == "on-demand"] or offers
    return min(firm, key=lambda each: each.gpus_per_instance)


@cache
def gathered_on() -> dt.date:
    """The newest day on which a rent was looked up."""
    return dt.date.fromisoformat(max(each.date for each in records(Rent, "rents")))


def _median(gpu_name: str, spot: bool, firm: list[Rent]) -> Rent:
    cheapest: dict[str, Rent] = {}
    for each in firm:
        cheapest.setdefault(each.provider, each)
    if not cheapest:
        raise _nowhere(gpu_name, spot, None, [])
    prices = [each.usd_per_gpu_hour for each in cheapest.values()]
    count = f"{len(prices)} providers" if len(prices) > 1 else f"1 provider ({next(iter(cheapest))})"
    return Rent(
        gpu=firm[0].gpu,
        provider="median",
        instance="",
        gpus_per_instance=1,
        spot=spot,
        usd_per_gpu_hour=median(prices),
        terms="on-demand",
        region="",
        note="",
        verified=all(each.verified for each in cheapest.values()),
        source=f"median of {count}, ${prices[0]:.2f}-{prices[-1]:.2f}: {', '.join(cheapest)}",
        date=max(each.date for each in cheapest.values()),
    )


def _nowhere(gpu_name: str, spot: bool, provider: str | None, offers: list[Rent]) -> CatalogError:
    what = f"{'spot price' if spot else 'rent'} of {gpu(gpu_name).key}"
    where = "" if provider is None else f" at {quote_name(provider)}"
    having = sorted({each.provider for each in offers})
    tail = f"; {', '.join(having)} have one" if len(having) > 1 else f"; {having[0]} has one" if having else ""
    return CatalogError(f"no {what}{where} in the catalogue{tail}; or state usd_per_gpu_hour")


def _where(rent: Rent) -> str:
    traits = [rent.region, "spot" if rent.spot else rent.terms.replace("-", " "), rent.note]
    return f"{rent.provider} {rent.instance} ({', '.join(trait for trait in traits if trait)})"


def _provider(name: str) -> str:
    spelt = squash(name)
    return PROVIDER_ALIASES.get(spelt, spelt)


def _memory(word: str) -> str | None:
    """The size in a word such as 80GB."""
    found = re.fullmatch(r"(\d+)g(?:i?b)?", word)
    return found[1] if found else None


@cache
def _spellings() -> dict[tuple[frozenset[str], str | None], Gpu]:
    """GPUs by the words of their name and the memory that it states."""
    index: dict[tuple[frozenset[str], str | None], Gpu] = {}
    for each in gpus():
        sizes = each.memory_gb.split("|")
        spelt = frozenset(words(each.key, MAKER_WORDS))
        bare = spelt - set(sizes)
        index[spelt, None] = each
        for size in sizes:
            index[bare, size] = each
            index.setdefault((bare | {size}, None), each)
    return index


VARIANT_WORDS = re.compile("meta|instruct|it|base|chat|hf")


@dataclass(frozen=True)
class OpenModel:
    """An open-weight model."""

    key: str
    full_name: str
    """The name as its maker writes it."""
    params_billion: float
    active_params_billion: float
    """Parameters that each token uses; all of them but in mixtures of experts."""
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    """Tokens of its vocabulary."""
    tied: bool
    """One vocabulary matrix serves input and output."""
    experts: int
    """Experts per layer; 0 where it has none."""
    experts_per_token: int
    window_tokens: int
    """Tokens that a sliding-window layer looks back on; 0 where it has none."""
    windowed_share: float
    """Part of the layers with a sliding window."""
    latent_width: int
    """Width of the one vector per layer and token that multi-head latent attention keeps; 0 where it has none."""
    full_kv_heads: int
    """KV heads of the layers without a window, where they are others; else 0."""
    full_head_dim: int
    """Dimension of the heads of the layers without a window, where it is another; else 0."""
    max_context: int
    """Longest input plus output, tokens."""
    kv_bytes_per_token_bf16: int
    """Sliding windows are not subtracted: 2 x 2 bytes x kv_heads x head_dim of each layer; 2 bytes x layers x
    latent_width where that is all that is kept."""
    weight_bits: float
    """Bits per weight as published."""
    licence: str
    commercial: bool
    """Whether the licence lets a product be built on it; False where that is not verified."""
    released: str
    note: str
    verified: bool
    source: str
    date: str

    @property
    def windowed_layers(self) -> int:
        """Layers with a sliding window."""
        return round(self.layers * self.windowed_share)

    @property
    def query_widths(self) -> tuple[int, int]:
        """Heads x head dimension, summed over the layers with a window, and over those without."""
        full = self.full_head_dim or self.head_dim
        return (
            self.windowed_layers * self.heads * self.head_dim,
            (self.layers - self.windowed_layers) * self.heads * full,
        )

    @property
    def kv_windowed_share(self) -> float:
        """Part of the KV cache of a token that is kept in layers with a window."""
        windowed = 4 * self.windowed_layers * self.kv_heads * self.head_dim
        return windowed / self.kv_bytes_per_token_bf16 if self.window_tokens else 0.0

    def splits_over(self, gpus: int) -> bool:
        """Whether its attention heads can be shared out evenly over so many GPUs."""
        return self.heads % gpus == 0

    @property
    def replica_sizes(self) -> tuple[int, ...]:
        """Numbers of GPUs, up to a node of 16, over which its heads can be shared out."""
        return tuple(gpus for gpus in range(1, 17) if self.splits_over(gpus))


@cache
def models() -> tuple[OpenModel, ...]:
    """All open models of the catalogue."""
    return records(OpenModel, "models")


@cache
def model(name: str) -> OpenModel:
    """The open model of that key, or full name as its maker writes it ("meta-llama/Llama-3.1-8B-Instruct").

    Raises:
        CatalogError: with the nearest known names.
    """
    wanted = _spelt(name)
    for each in models():
        if wanted in (_spelt(each.key), _spelt(each.full_name)):
            return each
    raise unknown("model", name, (each.key for each in models()))


@cache
def _models_by_spelling() -> dict[tuple[str, ...], OpenModel]:
    return {_spelt(name): each for each in models() for name in (each.full_name, each.key)}


def open_model_named(name: str) -> OpenModel | None:
    """The open model that a name means, a provider's spelling of it too; None where it is none of the catalogue."""
    return _models_by_spelling().get(_spelt(name))


def _spelt(name: str) -> tuple[str, ...]:
    """The words of a name, v3.1 as 3.1."""
    return tuple(re.sub(r"^v(?=\d)", "", word) for word in words(name, VARIANT_WORDS))
