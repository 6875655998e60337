"""TRL trains on exported chat lines, by the lines of docs/exports.md, with a model and a tokenizer made here: nothing is loaded.

    python trl_chat.py TREE SPLIT ROWS

Then TRL's own vision templates render each conversation by transformers' apply_chat_template. Exits 1 where a picture, a question
or a report is not where it belongs.
"""

import os
import re
import sys
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", CUDA_VISIBLE_DEVICES="")

import trl
from datasets import Image, load_dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import CLIPImageProcessor, CLIPVisionConfig, LlamaConfig, LlavaConfig
from transformers import LlavaForConditionalGeneration, LlavaProcessor, PreTrainedTokenizerFast
from trl import SFTConfig, SFTTrainer
from trl.data_utils import is_conversational, prepare_multimodal_messages

tree, split, count = sys.argv[1:]
templates = os.path.join(os.path.dirname(trl.__file__), "chat_templates")
# What a template writes in a picture's place; LLaVA's is the one that is trained on here.
PLACES = {"llava_next": "<image>", "qwen2_5_vl": "<|image_pad|>", "idefics3": "<image>", "gemma3": "<start_of_image>"}
SIDE, PATCH = 16, 8


def template(name: str) -> str:
    with open(os.path.join(templates, f"{name}.jinja"), encoding="utf8") as file:
        return file.read()


def letters() -> PreTrainedTokenizerFast:
    """A token for each byte."""
    tokens = Tokenizer(models.BPE())
    tokens.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokens.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<pad>", "<eos>", "<image>"]
    tokens.train_from_iterator([], trainers.BpeTrainer(vocab_size=300, special_tokens=special, initial_alphabet=alphabet))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokens, pad_token="<pad>", eos_token="<eos>", extra_special_tokens={"image_token": "<image>"}
    )


tokenizer = letters()
processor = LlavaProcessor(
    CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}),
    tokenizer,
    patch_size=PATCH,
    vision_feature_select_strategy="default",
    num_additional_image_tokens=1,
    image_token="<image>",
    chat_template=template("llava_next"),
)
small = {"hidden_size": 16, "intermediate_size": 16, "num_attention_heads": 2}
model = LlavaForConditionalGeneration(
    LlavaConfig(
        vision_config=CLIPVisionConfig(**small, num_hidden_layers=2, image_size=SIDE, patch_size=PATCH, projection_dim=16),
        text_config=LlamaConfig(**small, num_hidden_layers=1, num_key_value_heads=2, vocab_size=len(tokenizer)),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )
)

with open("docs/exports.md", encoding="utf8") as file:
    snippet = next(block for block in re.findall(r"```python\n(.*?)```", file.read(), re.S) if "SFTTrainer" in block)
snippet = snippet.replace("tree/", f"{tree}/").replace("train.jsonl", f"{split}.jsonl")

with tempfile.TemporaryDirectory() as folder:
    args = SFTConfig(
        output_dir=folder, max_steps=1, per_device_train_batch_size=2, max_length=None, report_to=[], save_strategy="no",
        use_cpu=True, bf16=False, gradient_checkpointing=False, disable_tqdm=True,
    )  # fmt: skip
    exec(snippet)
    rows = trainer.train_dataset
    batches = list(trainer.get_train_dataloader())

lines = load_dataset("json", data_files=os.path.join(tree, f"{split}.jsonl"), split="train")
assert len(rows) == len(lines) == int(count), (len(rows), len(lines), count)
pictures = sum(len(row["images"]) for row in rows)
assert sum(len(batch["pixel_values"]) for batch in batches) == pictures > 0
texts = [text for batch in batches for text in tokenizer.batch_decode(batch["input_ids"])]
assert sum(text.count("<image>") for text in texts) == pictures * (SIDE // PATCH) ** 2

for row, line in zip(rows, lines, strict=True):
    assert is_conversational(line), line
    question, report = (turn["content"][-1]["text"] for turn in line["messages"])
    assert any(report in text and question in text for text in texts), report
    filled = prepare_multimodal_messages(row["messages"], images=row["images"])
    placed = [part["image"] for part in filled[0]["content"] if part["type"] == "image"]
    assert [one.filename for one in placed] == [os.path.join(tree, name) for name in line["images"]]
    for name, place in PLACES.items():
        text = tokenizer.apply_chat_template(line["messages"], chat_template=template(name), tokenize=False)
        assert text.count(place) == len(line["images"]) and question in text and report in text, (name, text)
print(f"{len(rows)} lines of {split}, {pictures} pictures: TRL {trl.__version__} trains on them")
