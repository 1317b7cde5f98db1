"""All formats of usage files, in the order in which they are documented: a new one is a file, and a line here."""

from __future__ import annotations

from switchpoint.owndata.formats.anthropic import (
    ANTHROPIC_COST,
    ANTHROPIC_COST_REPORT,
    ANTHROPIC_TOKENS,
    ANTHROPIC_USAGE_REPORT,
)
from switchpoint.owndata.formats.call_logs import CALL_LOG, LANGFUSE_DAILY, LANGFUSE_OBSERVATIONS, USAGE_OBJECTS
from switchpoint.owndata.formats.cloud_bills import AWS, AZURE, GCP
from switchpoint.owndata.formats.coding_agents import CCUSAGE, CURSOR
from switchpoint.owndata.formats.deepseek import DEEPSEEK_AMOUNT, DEEPSEEK_COST
from switchpoint.owndata.formats.focus_bill import FOCUS
from switchpoint.owndata.formats.gateways import (
    HELICONE,
    LANGSMITH,
    LITELLM_DAILY,
    LITELLM_REPORT,
    LITELLM_SPEND_LOGS,
    OPENROUTER_API,
    OPENROUTER_DAILY,
    OPENROUTER_GENERATIONS,
    PORTKEY,
)
from switchpoint.owndata.formats.openai import OPENAI_ACTIVITY, OPENAI_COSTS, OPENAI_DASHBOARD_COST, OPENAI_USAGE
from switchpoint.owndata.formats.plain_csv import PLAIN
from switchpoint.owndata.usage_format import UsageFormat

FORMATS: tuple[UsageFormat, ...] = (
    PLAIN,
    OPENAI_USAGE,
    OPENAI_COSTS,
    OPENAI_ACTIVITY,
    OPENAI_DASHBOARD_COST,
    ANTHROPIC_TOKENS,
    ANTHROPIC_COST,
    ANTHROPIC_USAGE_REPORT,
    ANTHROPIC_COST_REPORT,
    OPENROUTER_DAILY,
    OPENROUTER_GENERATIONS,
    OPENROUTER_API,
    LITELLM_SPEND_LOGS,
    LITELLM_DAILY,
    LITELLM_REPORT,
    LANGFUSE_DAILY,
    LANGFUSE_OBSERVATIONS,
    AZURE,
    AWS,
    GCP,
    FOCUS,
    DEEPSEEK_AMOUNT,
    DEEPSEEK_COST,
    HELICONE,
    PORTKEY,
    LANGSMITH,
    USAGE_OBJECTS,
    CALL_LOG,
    CCUSAGE,
    CURSOR,
)
"""Files are recognised in this order, except that plain CSV comes last: others have a date too."""
