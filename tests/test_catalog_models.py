"""Open models: full names, dimensions that agree with one another, licences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchpoint.catalog import CatalogError, model, models


class TestNames:
    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("llama-3.1-8b", "llama-3.1-8b"),
            ("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b"),
            ("meta-llama/Meta-Llama-3.1-8B", "llama-3.1-8b"),
            ("Llama 3.3 70B Instruct", "llama-3.3-70b"),
            ("Qwen/Qwen3-14B", "qwen3-14b"),
            ("qwen3_32b", "qwen3-32b"),
            ("mistralai/Mistral-7B-Instruct-v0.3", "mistral-7b"),
            ("Mistral-Small-24B-Instruct-2501", "mistral-small-24b"),
            ("openai/gpt-oss-120b", "gpt-oss-120b"),
            ("google/gemma-3-27b-it", "gemma-3-27b"),
        ],
    )
    def test_full_names_are_understood(self, name: str, key: str) -> None:
        assert model(name).key == key

    @pytest.mark.parametrize(
        ("name", "suggestion"), [("llama-3.1-9b", "llama-3.1-8b"), ("gpt-oss-12b", "gpt-oss-120b"), ("", "known are")]
    )
    def test_unknown_names_get_a_suggestion(self, name: str, suggestion: str) -> None:
        with pytest.raises(CatalogError, match=suggestion):
            model(name)

    @given(name=st.text(max_size=100))
    def test_any_text_is_a_model_or_one_line_of_error(self, name: str) -> None:
        message = ""
        try:
            assert model(name) in models()
        except CatalogError as fault:
            message = str(fault)
        assert len(message.splitlines()) <= 1

    def test_every_key_and_full_name_finds_itself(self) -> None:
        for each in models():
            assert model(each.key) is each
            assert model(each.full_name) is each
            assert each.key == each.key.lower()


@pytest.mark.parametrize("each", models(), ids=lambda each: each.key)
class TestDimensions:
    def test_the_kv_cache_follows_from_the_shape(self, each) -> None:
        if each.latent_width:
            assert each.kv_bytes_per_token_bf16 == 2 * each.layers * each.latent_width
            assert each.kv_heads == 1
            return
        windowed = round(each.layers * each.windowed_share)
        full = (each.full_kv_heads or each.kv_heads) * (each.full_head_dim or each.head_dim)
        widths = windowed * each.kv_heads * each.head_dim + (each.layers - windowed) * full
        assert each.kv_bytes_per_token_bf16 == 2 * 2 * widths

    def test_windows_go_with_a_share_of_the_layers(self, each) -> None:
        assert (each.window_tokens > 0) == (each.windowed_share > 0)
        assert 0 <= each.kv_windowed_share < 1

    def test_the_shape_is_possible(self, each) -> None:
        assert 0 < each.active_params_billion <= each.params_billion
        assert each.heads % each.kv_heads == 0
        assert each.max_context >= 4_096
        assert 4 <= each.weight_bits <= 16
        assert each.source
        assert each.date
        assert each.licence


class TestLicences:
    @pytest.mark.parametrize(
        ("name", "commercial"),
        [("qwen2.5-3b", False), ("qwen2.5-7b", True), ("llama-3.1-8b", True), ("gpt-oss-120b", True)],
    )
    def test_who_may_build_a_product(self, name: str, commercial: bool) -> None:
        assert model(name).commercial is commercial

    def test_only_what_is_forbidden_or_not_read_is_not_commercial(self) -> None:
        assert {each.key for each in models() if not each.commercial} == {
            "qwen2.5-3b",
            "qwen3.5-27b",
            "qwen3.5-35b-a3b",
            "qwen3.5-122b-a10b",
            "qwen3.5-397b-a17b",
            "minimax-m2.7",
            "mistral-large-2",
        }

    def test_a_licence_says_why(self) -> None:
        assert "non-commercial" in model("qwen2.5-3b").licence
        assert "not verified" in model("minimax-m2.7").licence


def test_mixtures_of_experts_use_a_part_of_their_weights() -> None:
    assert model("gpt-oss-120b").active_params_billion == 5.71
    assert model("gpt-oss-120b").weight_bits == 4.25
    assert model("llama-3.1-70b").weight_bits == 16


@pytest.mark.parametrize("each", models(), ids=lambda each: each.key)
def test_what_is_counted_apart_adds_up(each) -> None:
    """Vocabulary and attention are less than all parameters; experts make the difference between all and active."""
    matrices = each.vocabulary * each.hidden * (1 if each.tied else 2)
    attention = each.layers * each.hidden * each.head_dim * 2 * (each.heads + each.kv_heads)
    assert 0 < matrices + attention < each.active_params_billion * 1e9
    assert (each.experts > 0) == (each.active_params_billion < each.params_billion)
    assert 0 <= each.experts_per_token <= each.experts
    assert (each.windowed_share > 0) == (each.window_tokens > 0)
    assert 0 <= each.windowed_share < 1


def test_a_version_may_have_its_v() -> None:
    assert model("LLaMA v3.1 8B") is model("llama-3.1-8b")


class TestLargeModels:
    @pytest.mark.parametrize(
        ("name", "total", "active"),
        [
            ("deepseek-v3", 671, 37),
            ("deepseek-ai/DeepSeek-R1", 671, 37),
            ("moonshotai/Kimi-K2-Instruct", 1_026, 32),
            ("qwen3-235b-a22b", 235, 22),
            ("qwen3-coder-480b-a35b", 480, 35),
            ("qwen3.5-397b-a17b", 397, 17),
            ("zai-org/GLM-4.5", 355, 32),
            ("glm-4.5-air", 106, 12),
            ("glm-4.6", 355, 32),
            ("glm-5", 744, 40),
            ("llama-4-scout", 109, 17),
            ("llama-4-maverick", 400, 17),
            ("llama-3.1-405b", 405, 405),
            ("mixtral-8x22b", 141, 39),
            ("mistral-large-2", 123, 123),
            ("gemma-4-31b", 31, 31),
            ("minimax-m2.7", 229, 10),
        ],
    )
    def test_parameters_are_those_that_their_makers_state(self, name: str, total: float, active: float) -> None:
        """From the dimensions, vocabulary matrices counted as active; makers round, and leave these out of `active`."""
        assert model(name).params_billion == pytest.approx(total, rel=0.015)
        assert model(name).active_params_billion == pytest.approx(active, rel=0.13)

    def test_latent_attention_keeps_one_vector_a_layer(self) -> None:
        """DeepSeek V3: 61 layers x (512 + 64) x 2 bytes = 70,272 bytes a token, a fifth of Llama 3.1 70B's."""
        assert model("deepseek-v3").kv_bytes_per_token_bf16 == 61 * 576 * 2 == 70_272

    def test_windows_leave_the_global_layers(self) -> None:
        """Gemma 4 31B: 50 layers of 16 heads x 256 with a window, 10 of 4 heads x 512 without one."""
        found = model("gemma-4-31b")
        assert found.kv_windowed_share == pytest.approx(50 * 16 * 256 / (50 * 16 * 256 + 10 * 4 * 512))
        assert found.query_widths == (50 * 32 * 256, 10 * 32 * 512)

    def test_heads_can_be_shared_out_over_some_sizes_only(self) -> None:
        assert model("llama-4-scout").replica_sizes == (1, 2, 4, 5, 8, 10)
        assert not model("qwen2.5-7b").splits_over(8)
        assert model("glm-4.5").splits_over(6)
