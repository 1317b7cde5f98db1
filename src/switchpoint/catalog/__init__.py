"""Prices and specifications with source and date.

API prices come from the genai-prices library as it is installed (nothing is fetched), always for a named provider and
as of a named day: the same question about the same day has the same answer next year. What the library lacks is in
small CSV files of our own beside the code, one fact a row, each with its source and date: token prices of fine-tuned
models, retirements, prices of training and of endpoints, GPUs, their rents, and open models. A row whose source could
not be checked says so (`verified` is False).

`date` is as precise as the source states it: 2026-09-25, 2026-05 or 2026. Everything returned is frozen and cached.
"""

from switchpoint.catalog.finetuning import (
    HostingPrice,
    TrainingPrice,
    hosting_price,
    hosting_prices,
    training_price,
    training_prices,
)
from switchpoint.catalog.hardware import (
    Gpu,
    OpenModel,
    Rent,
    gpu,
    gpus,
    model,
    models,
    rent,
    rents,
    smallest_machine,
    sold_in,
)
from switchpoint.catalog.price_types import PriceTier, RoutePrice, TokenPrice
from switchpoint.catalog.tables import CatalogError
from switchpoint.catalog.token_prices import PriceRow, route_price, scheduled_changes, search_prices
from switchpoint.catalog.usage_behaviour import UsageBehaviour, UsageConstant, usage_behaviour, usage_classes

__all__ = [
    "CatalogError",
    "Gpu",
    "HostingPrice",
    "OpenModel",
    "PriceRow",
    "PriceTier",
    "Rent",
    "RoutePrice",
    "TokenPrice",
    "TrainingPrice",
    "UsageBehaviour",
    "UsageConstant",
    "gpu",
    "gpus",
    "hosting_price",
    "hosting_prices",
    "model",
    "models",
    "rent",
    "rents",
    "route_price",
    "scheduled_changes",
    "search_prices",
    "smallest_machine",
    "sold_in",
    "training_price",
    "training_prices",
    "usage_behaviour",
    "usage_classes",
]
