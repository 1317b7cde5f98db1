"""All formats of usage files, in the order in which they are documented: a new one is a file, and a line here."""

from __future__ import annotations

from switchpoint.owndata.formats.anthropic_admin import ANTHROPIC_COST_REPORT, ANTHROPIC_USAGE_REPORT
from switchpoint.owndata.formats.anthropic_console import ANTHROPIC_COST, ANTHROPIC_TOKENS
from switchpoint.owndata.formats.aws_cur import AWS
from switchpoint.owndata.formats.azure_costs import AZURE
from switchpoint.owndata.formats.coding_agents import CCUSAGE, CURSOR
from switchpoint.owndata.formats.deepseek import DEEPSEEK_AMOUNT, DEEPSEEK_COST
from switchpoint.owndata.formats.focus_bill import FOCUS
from switchpoint.owndata.formats.gateways import HELICONE, LANGSMITH, PORTKEY
from switchpoint.owndata.formats.gcp_billing import GCP
from switchpoint.owndata.formats.langfuse import LANGFUSE_DAILY, LANGFUSE_OBSERVATIONS
from switchpoint.owndata.formats.litellm_logs import LITELLM_DAILY, LITELLM_REPORT, LITELLM_SPEND_LOGS
from switchpoint.owndata.formats.openai_costs import OPENAI_COSTS, OPENAI_DASHBOARD_COST
from switchpoint.owndata.formats.openai_usage import OPENAI_ACTIVITY, OPENAI_USAGE
from switchpoint.owndata.formats.openrouter import OPENROUTER_API, OPENROUTER_DAILY, OPENROUTER_GENERATIONS
from switchpoint.owndata.formats.plain_csv import PLAIN
from switchpoint.owndata.formats.usage_objects import CALL_LOG, USAGE_OBJECTS
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
