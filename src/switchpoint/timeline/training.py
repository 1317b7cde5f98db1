"""What one training iteration costs."""

from __future__ import annotations

from switchpoint.catalog import gpu, rent
from switchpoint.clock import Amount
from switchpoint.scenario.project import Training
from switchpoint.scenario.quantity import amount
from switchpoint.scenario.schema import Candidate, GpuCandidate, HostedCandidate, Scenario
from switchpoint.timeline.hardware import active_params_billion, tokens_of_each

FLOPS_PER_PARAMETER = {"full": 6.0, "lora": 4.0, "qlora": 4.0}
"""Operations per parameter and training token: forward, backward and, for full tuning, weight gradients."""


def training_tokens(training: Training, examples: Amount, tokens_per_request: Amount) -> Amount:
    """Tokens of one iteration: runs x epochs x examples x tokens per example."""
    stated = training.tokens_per_example
    per_example = tokens_per_request if stated is None else amount(stated)
    return training.runs * training.epochs * examples * per_example


def gpu_hours(tokens: Amount, active_params_billion: float, training: Training, bf16_tflops: float) -> Amount:
    """GPU-hours of training: operations per token x tokens / (peak x utilisation) / 3600.

    >>> round(gpu_hours(10e6, 8.03, Training(method="lora"), 312), 1)
    0.9
    """
    operations = FLOPS_PER_PARAMETER[training.method] * active_params_billion * 1e9 * tokens
    return operations / (bf16_tflops * 1e12 * training.flops_utilisation) / 3600


def iteration_usd(spec: Candidate, scenario: Scenario) -> Amount:
    """Dollars of one iteration: the stated price plus, where `training` is given, the host's or the GPUs' price."""
    project = spec.project
    stated = amount(project.usd_per_iteration)
    if project.training is None:
        return stated
    tokens = training_tokens(project.training, amount(project.examples), tokens_of_each(spec, scenario.usage))
    if isinstance(spec, HostedCandidate):
        return stated + tokens / 1e6 * amount(spec.training_usd_per_mtok)
    return stated + _own_gpus(spec, project.training, tokens)


def _own_gpus(spec: Candidate, training: Training, tokens: Amount) -> Amount:
    if not isinstance(spec, GpuCandidate) or spec.model is None:
        return 0.0
    name = training.gpu or spec.fleet.gpu
    if name is None:
        return 0.0
    stated = training.usd_per_gpu_hour
    price = rent(name).usd_per_gpu_hour if stated is None else amount(stated)
    return gpu_hours(tokens, active_params_billion(spec.model), training, gpu(name).bf16_tflops) * price
