# ruff: noqa: E501 - lines of exports are as long as they are
"""Small exports of every format that is read, with names, keys and e-mails that are nobody's."""

import json

SECRETS = ("jo.doe@example.com", "sk-live-9f8e7d6c5b4a", "Jo Doe", "customer-77", "my secret prompt")
"""What stands in the samples and must stand in nothing that comes out."""

PLAIN = """date,requests,input_tokens,cached_tokens,output_tokens,cost_usd,model
2026-03-01,10,1000,400,200,0.50,gpt-5
2026-03-01,2,300,0,40,0.25,claude-sonnet-5
2026-03-02,12,1200,500,240,0.60,gpt-5
"""

OPENAI_USAGE = json.dumps(
    {
        "object": "page",
        "data": [
            {
                "object": "bucket",
                "start_time": 1730419200,  # 1 November 2024
                "end_time": 1730505600,
                "results": [
                    {
                        "object": "organization.usage.completions.result",
                        "input_tokens": 1000,
                        "input_cached_tokens": 400,
                        "input_cache_write_tokens": 100,
                        "input_uncached_tokens": 500,
                        "input_text_tokens": 400,
                        "output_tokens": 500,
                        "output_text_tokens": 400,
                        "num_model_requests": 5,
                        "model": "gpt-5-mini-2025-08-07",
                        "batch": True,
                        "user_id": "user-Jo Doe",
                    },
                    {
                        "object": "organization.usage.completions.result",
                        "input_tokens": 70,
                        "output_tokens": 30,
                        "num_model_requests": 1,
                        "model": "gpt-5-nano",
                    },
                ],
            },
            {"object": "bucket", "start_time": 1730505600, "end_time": 1730592000, "results": []},
        ],
        "has_more": False,
        "next_page": None,
    }
)

OPENAI_COSTS = json.dumps(
    {
        "object": "page",
        "data": [
            {
                "object": "bucket",
                "start_time": 1730419200,
                "end_time": 1730505600,
                "results": [
                    {"amount": {"value": 0.06, "currency": "usd"}, "line_item": "gpt-5-mini-2025-08-07, input_tokens"},
                    {
                        "amount": {"value": "0.5", "currency": "usd"},
                        "line_item": "gpt-5-mini-2025-08-07, output_tokens",
                    },
                    {"amount": {"value": 2.5, "currency": "usd"}, "line_item": "Web search tool calls"},
                    {
                        "amount": {"value": 1.25, "currency": "usd"},
                        "line_item": "gpt-image-1",
                        "quantity_unit": "images",
                    },
                ],
            }
        ],
        "has_more": False,
    }
)

OPENAI_ACTIVITY = """start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,input_tokens,output_tokens,input_cached_tokens
1735689600,1735776000,2025-01-01T00:00:00+00:00,2025-01-02T00:00:00+00:00,,,,,,,,
1735776000,1735862400,2025-01-02T00:00:00,2025-01-03T00:00:00,proj_a,3.0,Jo Doe,sk-live-9f8e7d6c5b4a,gpt-5,900,60,300
1735776000,1735862400,2025-01-02T00:00:00,2025-01-03T00:00:00,proj_b,2.0,Jo Doe,key_2,gpt-5,100,40,0
"""

OPENAI_ACTIVITY_EMPTY = """start_time,end_time,start_time_iso,end_time_iso
1735689600,1735776000,2025-01-01T00:00:00+00:00,2025-01-02T00:00:00+00:00
"""

OPENAI_DASHBOARD_COST = """start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item,user_id,api_key_id,project_id,organization_id,project_name,organization_name,user_email,api_source
1790467200,1790553600,2026-09-27T00:00:00+00:00,2026-09-28T00:00:00+00:00,,,,,,,,,,,,,
1790553600,1790640000,2026-09-28T00:00:00,2026-09-29T00:00:00,0.003835980000000000000000000000,usd,,,,,,,org-f,,F,jo.doe@example.com,
1790553600,1790640000,2026-09-28T00:00:00,2026-09-29T00:00:00,0.5,usd,1000,tokens,"gpt-5-nano, input_tokens",,key_1,proj_a,org-f,Jo Doe,jo.doe@example.com,
"""

ANTHROPIC_TOKENS = """usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed
2026-03-22,claude-sonnet-4-20250514,Jo Doe,Default,standard,≤ 200k,100000,0,0,0,5000,10,not_available,
2026-03-23,claude-opus-5,Jo Doe,Default,standard,≤ 200k,109911,2528,300,70000,34988,0,global,
2026-03-23,claude-opus-5,key-2,Default,batch,≤ 200k,89,0,0,11,12,0,global,
"""

ANTHROPIC_TOKENS_OLDER = """usage_date_utc,model_version,usage_input_tokens_no_cache,usage_input_tokens_cache_write,usage_input_tokens_cache_read,usage_output_tokens
2024-12-01T00:00:00Z,claude-3-5-sonnet-20241022,1000,200,30,400
"""

ANTHROPIC_COST_2024 = """usage_date_utc,model,workspace,api_key,usage_type,token_type,cost_usd
2024-12-01,Claude 3.5 Sonnet 2024-10-22,Default,Jo Doe,message,input_no_cache,1.25
2024-12-01,Claude 3.5 Sonnet 2024-10-22,Default,Jo Doe,message,output,0.75
2024-12-01,,Default,Jo Doe,message,web_search,0.40
"""

ANTHROPIC_COST = """usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,inference_geo,speed,api_key_id,api_key_status
2026-03-22,Claude Sonnet 4,Default,Jo Doe,message,≤ 200k,input_no_cache,0.30,0.40,token,global,,apikey_x,active
2026-03-23,Claude Opus 5,Default,Jo Doe,message,≤ 200k,output,1.67,1.67,token,global,,apikey_x,active
2026-03-23,Claude Opus 5,Default,Jo Doe,message,≤ 200k,input_cache_read,0.00,0.00,token,global,,apikey_x,active
2026-03-23,,Default,Jo Doe,message,,,0.10,0.10,web_search,global,,apikey_x,active
"""

ANTHROPIC_ADMIN_USAGE = json.dumps(
    {
        "data": [
            {
                "starting_at": "2025-08-01T00:00:00Z",
                "ending_at": "2025-08-02T00:00:00Z",
                "results": [
                    {
                        "uncached_input_tokens": 1500,
                        "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 500},
                        "cache_read_input_tokens": 200,
                        "output_tokens": 450,
                        "server_tool_use": {"web_search_requests": 10},
                        "model": "claude-opus-5",
                        "api_key_id": "sk-live-9f8e7d6c5b4a",
                    }
                ],
            },
            {"starting_at": "2025-08-02T00:00:00Z", "ending_at": "2025-08-03T00:00:00Z", "results": []},
        ],
        "has_more": False,
        "next_page": None,
    }
)

ANTHROPIC_ADMIN_COST = json.dumps(
    {
        "data": [
            {
                "starting_at": "2025-08-01T00:00:00Z",
                "ending_at": "2025-08-02T00:00:00Z",
                "results": [
                    {"amount": "123.78912", "currency": "USD", "cost_type": "tokens", "model": "claude-opus-5"},
                    {"amount": 76.21088, "currency": "USD", "cost_type": "tokens", "model": "claude-opus-5"},
                    {"amount": "1000", "currency": "USD", "cost_type": "web_search", "model": None},
                ],
            }
        ],
        "has_more": False,
    }
)

OPENROUTER_DAILY = """Date,Slug,Usage,BYOK Usage,Requests,Prompt Tokens,Completion Tokens,Reasoning Tokens
"2026-05-12 00:00:00","anthropic/claude-opus-4.7","430.07","0","4115","70965665","3009973","0"
"2026-05-13 00:00:00","anthropic/claude-opus-4.7","505.87","9.13","4254","87199493","2795119","1000"
"""

OPENROUTER_GENERATIONS = """generation_id,created_at,cost_total,cost_web_search,cost_cache,cost_file_processing,byok_usage_inference,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,model_permaslug,provider_name,variant,cancelled,streamed,user,api_key_name,app_name
gen-1,2026-06-28 03:46:57.713,0.0123,0,0,0,0,10389,137,100,400,openai/gpt-oss-120b,P,free,false,true,jo.doe@example.com,Jo Doe,app
gen-2,2026-06-28 23:59:59.999,0.01,0.004,-0.001,0,0.002,100,50,0,0,openai/gpt-oss-120b,P,standard,true,true,jo.doe@example.com,Jo Doe,app
gen-1,2026-06-28 03:46:57.713,0.0123,0,0,0,0,10389,137,100,400,openai/gpt-oss-120b,P,free,false,true,jo.doe@example.com,Jo Doe,app
"""

OPENROUTER_API = json.dumps(
    {
        "data": [
            {
                "date": "2026-08-24",
                "model": "openai/gpt-4.1",
                "model_permaslug": "openai/gpt-4.1-2025-04-14",
                "usage": 0.015,
                "byok_usage_inference": 0.012,
                "requests": 5,
                "prompt_tokens": 50,
                "completion_tokens": 125,
                "reasoning_tokens": 25,
            }
        ]
    }
)

LITELLM_LOGS = json.dumps(
    [
        {
            "request_id": f"chatcmpl-{number}",
            "call_type": call,
            "api_key": "sk-live-9f8e7d6c5b4a",
            "spend": spend,
            "prompt_tokens": given,
            "completion_tokens": written,
            "startTime": f"2026-04-30T{number:02d}:00:00Z",
            "model": "groq/llama3-8b-8192",
            "user": "jo.doe@example.com",
            "end_user": "customer-77",
            "metadata": {"a": 1},
            "messages": [{"role": "user", "content": "my secret prompt"}],
            "cache_hit": hit,
            "status": status,
        }
        for number, call, spend, given, written, hit, status in (
            (1, "acompletion", 0.25, 20, 80, "None", "success"),
            (2, "acompletion", 0.5, 40, 20, "False", "success"),
            (3, "acompletion", 0.0, 0, 0, "None", "failure"),
            (4, "acompletion", 0.0, 20, 80, "True", "success"),
            (5, "aembedding", 0.125, 900, 0, "None", "success"),
        )
    ]
)

LITELLM_DAILY = json.dumps(
    {
        "results": [
            {
                "date": "2026-03-27",
                "metrics": {
                    "spend": 0.0177072,
                    "prompt_tokens": 111,
                    "completion_tokens": 1711,
                    "total_tokens": 1822,
                    "api_requests": 11,
                    "successful_requests": 10,
                    "failed_requests": 1,
                    "cache_read_input_tokens": 11,
                    "cache_creation_input_tokens": 0,
                },
                "breakdown": {
                    "models": {
                        "gpt-4o-mini": {
                            "metrics": {
                                "spend": 0.0077072,
                                "prompt_tokens": 100,
                                "completion_tokens": 1000,
                                "api_requests": 8,
                                "failed_requests": 1,
                                "cache_read_input_tokens": 11,
                            }
                        }
                    },
                    "api_keys": {"sk-live-9f8e7d6c5b4a": {"metrics": {"spend": 0.01}}},
                },
            }
        ],
        "metadata": {"total_spend": 0.7274667, "page": 1, "total_pages": 1, "has_more": False},
    }
)

LITELLM_REPORT = json.dumps(
    [
        {
            "group_by_day": "2024-04-30T00:00:00+00:00",
            "teams": [
                {
                    "team_name": "Jo Doe",
                    "total_spend": 0.0015265,
                    "metadata": [
                        {"model": "gpt-4", "spend": 0.00123, "total_tokens": 28, "api_key": "88dc28.."},
                        {"model": "gpt-3.5-turbo", "spend": 0.0000825, "total_tokens": 85, "api_key": "84dc28.."},
                    ],
                }
            ],
        }
    ]
)

LANGFUSE_DAILY = json.dumps(
    {
        "data": [
            {
                "date": "2026-07-09",
                "countTraces": 142,
                "countObservations": 580,
                "totalCost": 0.045,
                "usage": [
                    {"model": "claude-sonnet-4-6", "inputUsage": 1000, "outputUsage": 500, "totalUsage": 1500, "totalCost": 0.015, "countObservations": 3},
                    {"model": "gemini-2.5-flash", "inputUsage": 2000, "outputUsage": 1000, "totalUsage": 3500, "totalCost": 0.03, "countObservations": 2},
                    {"model": None, "inputUsage": 0, "outputUsage": 0, "totalUsage": 0, "totalCost": 0, "countObservations": 6},
                ],
            }
        ],
        "meta": {"page": 1, "limit": 30, "totalItems": 7, "totalPages": 1},
    }
)  # fmt: skip

LANGFUSE_OBSERVATIONS = """id,type,startTime,model,usageDetails,costDetails,level,input,output
o-1,GENERATION,2026-07-09T08:00:00.000Z,claude-sonnet-4-6,"{""input"":10,""cache_read_input_tokens"":90,""cache_creation_input_tokens"":5,""output"":7,""total"":112}","{""input"":0.1,""output"":0.2,""total"":0.3}",DEFAULT,"my secret prompt
on two lines","an answer, with a comma"
o-2,SPAN,2026-07-09T08:00:00.000Z,,{},{},DEFAULT,my secret prompt,
o-3,GENERATION,2026-07-09T09:00:00.000Z,gpt-5,"{""input"":20,""output"":4,""output_reasoning_tokens"":6,""total"":30}","{""input"":0.5}",ERROR,,
"""

AZURE = """Date,MeterCategory,MeterName,UnitOfMeasure,Quantity,EffectivePrice,CostInBillingCurrency,BillingCurrencyCode,ChargeType,AccountOwnerId
9/2/2026,Cognitive Services,gpt-4o-0806-Inp-glbl,1K,12.5,0.0025,0.03125,USD,Usage,jo.doe@example.com
9/2/2026,Foundry Models,GPT 5 Inpt Glbl 1M Tokens,1M,0.5,1.25,0.625,USD,Usage,jo.doe@example.com
9/2/2026,Foundry Models,GPT 5 cached Inpt Glbl 1M Tokens,1M,0.25,0.125,0.03125,USD,Usage,jo.doe@example.com
9/2/2026,Foundry Models,GPT 5 outpt Glbl 1M Tokens,1M,0.125,10,1.25,USD,Usage,jo.doe@example.com
9/2/2026,Azure OpenAI,Provisioned Managed Global,1 Hour,24,1,24.00,USD,Usage,jo.doe@example.com
9/2/2026,Virtual Machines,DS4 v2 Spot,1 Hour,0.4,0.08,0.03,USD,Usage,jo.doe@example.com
9/2/2026,Cognitive Services,gpt-4o-0806-Inp-glbl,1K,0,0,-5.00,USD,Refund,jo.doe@example.com
"""

AWS_CUR2 = """line_item_usage_start_date,line_item_line_item_type,line_item_product_code,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,line_item_currency_code,pricing_unit,product_product_name,resource_tags
2026-09-01T00:00:00.000Z,Usage,AmazonBedrock,USE1-NovaLite-input-tokens,1500,0.09,USD,1K tokens,Amazon Bedrock,jo.doe@example.com
2026-09-01T01:00:00.000Z,Usage,AmazonBedrock,USE1-NovaLite-cache-read-input-token-count,500,0.0075,USD,1K tokens,Amazon Bedrock,
2026-09-01T01:00:00.000Z,Usage,AmazonBedrock,USE1-NovaLite-output-tokens,20,0.0048,USD,1K tokens,Amazon Bedrock,
2026-09-01T01:00:00.000Z,Usage,4jmbbzyjwtyjapfkbpqsthlrs,USE1-MP:USE1_InputTokenCount-Units,0.25,0.75,USD,Units,Claude Sonnet 4.5 (Amazon Bedrock Edition),
2026-09-01T01:00:00.000Z,Usage,4jmbbzyjwtyjapfkbpqsthlrs,USE1-MP:USE1_output_tokens_standard-Units,0.002,0.03,USD,Units,Claude Sonnet 4.5 (Amazon Bedrock Edition),
2026-09-01T01:00:00.000Z,Usage,AmazonEC2,BoxUsage:m5.large,1,0.096,USD,Hrs,Amazon Elastic Compute Cloud,
2026-09-01T00:00:00.000Z,Tax,AmazonBedrock,,1,0.17,USD,,Amazon Bedrock,
2026-09-01T00:00:00.000Z,Credit,AmazonBedrock,USE1-NovaLite-input-tokens,0,-0.05,USD,1K tokens,Amazon Bedrock,
"""

AWS_CUR1 = """lineItem/UsageStartDate,lineItem/LineItemType,lineItem/ProductCode,lineItem/UsageType,lineItem/UsageAmount,lineItem/UnblendedCost,lineItem/CurrencyCode,pricing/unit,product/ProductName
2026-09-01T00:00:00Z,Usage,AmazonBedrock,USE1-qwen.qwen3-32b-mantle-input-tokens-standard,3,0.0006,USD,1K tokens,Amazon Bedrock
"""

GCP = json.dumps(
    [
        {"day": "2026-07-30", "service": "Vertex AI", "sku": "Gemini 2.5 Flash GA Text Input - Predictions", "gross": 1.25, "net": -0.01, "usage_amount": 1065040.0, "usage_unit": "requests"},
        {"day": "2026-07-30", "service": "Vertex AI", "sku": "Gemini 2.5 Flash GA Text Output - Predictions", "gross": 0.5, "net": 0.5, "usage_amount": 1000.0, "usage_unit": "count"},
        {"day": "2026-07-30", "service": "Vertex AI", "sku": "Gemini 2.5 Flash Thinking Text Output - Predictions", "gross": 0.75, "net": 0.75, "usage_amount": 5000.0, "usage_unit": "count"},
        {"day": "2026-07-30", "service": "Vertex AI", "sku": "Gemini 2.5 Flash Text Input Caching", "gross": 0.125, "net": 0.125, "usage_amount": 200.0, "usage_unit": "count"},
        {"day": "2026-07-30", "service": "Vertex AI", "sku": "Gemini 2.5 Flash Caching Storage", "gross": 0.9, "net": 0.9, "usage_amount": 3.0, "usage_unit": "h"},
    ]
)  # fmt: skip

FOCUS = """"BilledCost","BillingCurrency","ChargeCategory","ChargeClass","ChargeDescription","ChargePeriodStart","ConsumedQuantity","ConsumedUnit","EffectiveCost","PricingQuantity","PricingUnit","ServiceName","SkuId","Tags"
0.25,"USD","Usage",NULL,"GPT 5 input Glbl","2026-09-18 22:00:00",500,"1K tokens",0.20,9,"Token","Azure OpenAI","A1","{""owner"": ""jo.doe@example.com""}"
0.75,"USD","Usage",NULL,"GPT 5 output Glbl","2026-09-18 23:00:00",70,"1K tokens",0.75,9,"Token","Azure OpenAI","A2",NULL
0.10,"USD","Tax",NULL,"Tax","2026-09-18 22:00:00",NULL,NULL,0.10,NULL,NULL,"Azure OpenAI",NULL,NULL
-0.40,"USD","Usage","Correction","GPT 5 output Glbl","2026-09-18 22:00:00",NULL,NULL,-0.40,NULL,NULL,"Azure OpenAI","A2",NULL
0.00000080000,"USD","Usage",NULL,"$0.40 per million Amazon SQS standard requests","2026-09-18 22:00:00",2.0,"Requests",0.0000008,2,"Requests","Amazon Simple Queue Service","G9",NULL
"""

FOCUS_AZURE = """BilledCost,BillingCurrency,ChargeCategory,ChargeDescription,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,PricingQuantity,PricingUnit,ServiceName,x_AccountOwnerId,x_PricingBlockSize,x_PricingUnitDescription,x_SkuMeterName
1.25,USD,Usage,gpt 4o,2026-09-18T00:00:00Z,500000,Units,500,Units,Azure OpenAI,jo.doe@example.com,1000,1K,gpt 4o 0513 Input global Tokens
0.50,USD,Usage,GPT 5,2026-09-18T00:00:00Z,50000,Units,0.05,Units,Azure OpenAI,jo.doe@example.com,1000000,1M,GPT 5 outpt Glbl 1M Tokens
24.0,USD,Usage,PTU,2026-09-18T00:00:00Z,24,Hours,24,Hours,Azure OpenAI,jo.doe@example.com,1,1 Hour,Provisioned Managed Global Unit
"""

DEEPSEEK_AMOUNT = """\ufeffuser_id,start_time_iso,end_time_iso,model,api_key_name,api_key,type,price,amount\r
u-1,2026-09-22T08:00:00Z,2026-09-22T08:59:59Z,deepseek-v4-pro,Jo Doe,sk-live-9f8e7d6c5b4a,request_count,,7\r
u-1,2026-09-22T08:00:00Z,2026-09-22T08:59:59Z,deepseek-v4-pro,Jo Doe,sk-live-9f8e7d6c5b4a,input_cache_hit_tokens,0.00000015,100\r
u-1,2026-09-22T08:00:00Z,2026-09-22T08:59:59Z,deepseek-v4-pro,Jo Doe,sk-live-9f8e7d6c5b4a,input_cache_miss_tokens,0.0000045,300\r
u-1,2026-09-22T08:00:00Z,2026-09-22T08:59:59Z,deepseek-v4-pro,Jo Doe,sk-live-9f8e7d6c5b4a,output_tokens,0.0000135,60\r
"""

DEEPSEEK_COST = """\ufeffuser_id,start_time_iso,end_time_iso,model,wallet_type,cost,currency\r
u-1,2026-09-22T08:00:00Z,2026-09-22T08:59:59Z,deepseek-v4-pro,paid,0.50,USD\r
u-1,2026-09-22T08:00:00Z,2026-09-22T08:59:59Z,deepseek-v4-pro,granted,0.25,USD\r
"""

HELICONE = """response_id,response_created_at,response_status,request_created_at,request_body,request_properties,request_user_id,model,prompt_tokens,completion_tokens,latency,cost
r-1,2026-05-01T10:00:02Z,200,2026-05-01T10:00:00Z,"{""messages"": ""my secret prompt""}",{},jo.doe@example.com,gpt-5,100,20,2,0.25
r-2,2026-05-01T10:00:02Z,429,2026-05-01T10:00:00Z,"{""messages"": ""my secret prompt""}",{},jo.doe@example.com,gpt-5,0,0,2,0
"""

PORTKEY = "\n".join(
    json.dumps(row)
    for row in (
        {"id": "a", "created_at": "2026-05-01T10:00:00Z", "is_success": True, "ai_model": "gpt-5", "req_units": 90, "res_units": 10, "cost": 25, "cost_currency": "USD", "request": "my secret prompt"},
        {"id": "b", "created_at": "2026-05-01T11:00:00Z", "is_success": False, "ai_model": "gpt-5", "req_units": 0, "res_units": 0, "cost": 0, "cost_currency": "USD", "request": "my secret prompt"},
    )
)  # fmt: skip

LANGSMITH = "\n".join(
    json.dumps(row)
    for row in (
        {"id": "a", "run_type": "chain", "start_time": "2026-05-01T10:00:00", "prompt_tokens": 90, "completion_tokens": 10, "total_cost": 0.5, "inputs": {"q": "my secret prompt"}},
        {"id": "b", "run_type": "llm", "start_time": "2026-05-01T10:00:00", "prompt_tokens": 90, "completion_tokens": 10, "total_cost": 0.5, "extra": {"metadata": {"ls_model_name": "gpt-5"}}},
    )
)  # fmt: skip

USAGE_OBJECTS = "\n".join(
    json.dumps({"created_at": "2026-05-01T10:00:00Z", **row})
    for row in (
        {"model": "gpt-5-2025-08-07", "usage": {"input_tokens": 115886, "input_tokens_details": {"cached_tokens": 92160}, "output_tokens": 1720, "output_tokens_details": {"reasoning_tokens": 1472}, "total_tokens": 117606}},
        {"model": "claude-sonnet-5", "usage": {"cache_creation": {"ephemeral_5m_input_tokens": 574}, "cache_creation_input_tokens": 574, "cache_read_input_tokens": 20443, "input_tokens": 6, "output_tokens": 489}},
        {"model": "gemini-2.5-flash", "usageMetadata": {"candidatesTokenCount": 100, "promptTokenCount": 17713, "thoughtsTokenCount": 1176, "totalTokenCount": 18989}},
        {"model": "gemini-3-flash-preview", "usageMetadata": {"candidatesTokenCount": 106, "promptTokenCount": 893, "thoughtsTokenCount": 1312, "toolUsePromptTokenCount": 3056, "totalTokenCount": 5367}},
        {"model": "bedrock converse", "usage": {"cacheReadInputTokens": 0, "cacheWriteInputTokens": 1505, "inputTokens": 2326, "outputTokens": 37, "totalTokens": 3868}},
    )
)  # fmt: skip

CALL_LOG = """timestamp,request_id,user,model,input_tokens,cache_read_input_tokens,cache_creation_input_tokens,output_tokens,cost
2026-05-01T10:00:00.123456Z,c-1,jo.doe@example.com,claude-sonnet-5,6,20443,574,489,0.25
2026-05-01T10:00:00.123456Z,c-2,jo.doe@example.com,claude-sonnet-5,6,20443,574,489,0.25
"""

CCUSAGE = json.dumps(
    {
        "daily": [
            {
                "date": "2026-05-16",
                "inputTokens": 277,
                "outputTokens": 31456,
                "cacheCreationTokens": 512,
                "cacheReadTokens": 1024,
                "totalTokens": 33269,
                "totalCost": 17.58,
                "modelsUsed": ["claude-opus-4-1-20250805"],
                "modelBreakdowns": [],
            }
        ],
        "totals": {"inputTokens": 11174, "totalCost": 336.47},
    }
)

CURSOR = """Date,User,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost
"2025-12-28T12:05:02.926Z",jo.doe@example.com,"Included","claude-4.5-opus-high-thinking","No","46800","4647","275594","3562","330603","0.62"
"2025-12-28T13:05:02.926Z",jo.doe@example.com,"Included","auto","No","0","77554","356352","6578","440484","Included"
"2025-12-28T14:05:02.926Z",jo.doe@example.com,"Errored, No Charge","auto","No","0","0","0","0","0",""
"""

SAMPLES: dict[str, tuple[str, str]] = {
    "plain": ("usage.csv", PLAIN),
    "openai-usage": ("usage.json", OPENAI_USAGE),
    "openai-costs": ("costs.json", OPENAI_COSTS),
    "openai-dashboard-activity": ("completions_usage.csv", OPENAI_ACTIVITY),
    "openai-dashboard-cost": ("cost.csv", OPENAI_DASHBOARD_COST),
    "anthropic-console-tokens": ("tokens.csv", ANTHROPIC_TOKENS),
    "anthropic-console-cost": ("cost.csv", ANTHROPIC_COST),
    "anthropic-admin-usage": ("usage.json", ANTHROPIC_ADMIN_USAGE),
    "anthropic-admin-cost": ("cost.json", ANTHROPIC_ADMIN_COST),
    "openrouter-daily": ("activity.csv", OPENROUTER_DAILY),
    "openrouter-generations": ("generations.csv", OPENROUTER_GENERATIONS),
    "openrouter-api": ("activity.json", OPENROUTER_API),
    "litellm-spend-logs": ("logs.json", LITELLM_LOGS),
    "litellm-daily": ("daily.json", LITELLM_DAILY),
    "litellm-report": ("report.json", LITELLM_REPORT),
    "langfuse-daily": ("daily.json", LANGFUSE_DAILY),
    "langfuse-observations": ("observations.csv", LANGFUSE_OBSERVATIONS),
    "azure": ("azure.csv", AZURE),
    "aws-cur": ("cur.csv", AWS_CUR2),
    "gcp-billing": ("gcp.json", GCP),
    "focus": ("focus.csv", FOCUS),
    "deepseek-amount": ("amount.csv", DEEPSEEK_AMOUNT),
    "deepseek-cost": ("cost.csv", DEEPSEEK_COST),
    "helicone": ("helicone.csv", HELICONE),
    "portkey": ("portkey.jsonl", PORTKEY),
    "langsmith": ("langsmith.jsonl", LANGSMITH),
    "usage-objects": ("calls.jsonl", USAGE_OBJECTS),
    "call-log": ("calls.csv", CALL_LOG),
    "ccusage": ("ccusage.json", CCUSAGE),
    "cursor": ("cursor.csv", CURSOR),
}
"""A sample of each format by its name: the name of the file and what it holds."""
