#!/usr/bin/env python3
"""data-designer with an OpenAI-compatible provider, as its documentation has it. BASE_URL COUNT CONCURRENCY FOLDER."""

from __future__ import annotations

import sys

import data_designer.config as dd
from data_designer.interface import DataDesigner
from prompts import PROMPT


def main(base_url: str, count: str, concurrency: str, folder: str) -> None:
    designer = DataDesigner(
        artifact_path=folder,
        model_providers=[dd.ModelProvider(name="bench", endpoint=base_url, api_key="OPENAI_API_KEY")],
    )
    parameters = dd.ChatCompletionInferenceParams(
        temperature=1.0, top_p=1.0, max_tokens=200, max_parallel_requests=int(concurrency)
    )
    model = dd.ModelConfig(
        alias="bench", model="bench", provider="bench", inference_parameters=parameters, skip_health_check=True
    )
    builder = dd.DataDesignerConfigBuilder(model_configs=[model])
    numbers = dd.CategorySamplerParams(values=[str(number) for number in range(1000)])
    builder.add_column(dd.SamplerColumnConfig(name="number", sampler_type=dd.SamplerType.CATEGORY, params=numbers))
    builder.add_column(
        dd.LLMTextColumnConfig(name="outline", model_alias="bench", prompt=PROMPT.replace("{0}", "{{ number }}"))
    )
    results = designer.create(builder, num_records=int(count))
    assert len(results.load_dataset()) == int(count)


main(*sys.argv[1:])
