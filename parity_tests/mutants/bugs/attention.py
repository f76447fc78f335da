"""Bugs in attention, in its layer, and in the transformer made of it."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

FILE, HEADS, MODEL = "functional/attention.py", "functional/multi_head_attention.py", "models/vision_transformer.py"
ATTENTION = "functional.scaled_dot_product_attention"

sdpa = partial(Mutant, ATTENTION, FILE, within="def scaled_dot_product_attention")
attend = partial(Mutant, ATTENTION, FILE, within="def attend")
safe = partial(Mutant, ATTENTION, FILE, within="def _safe_softmax")
additive = partial(Mutant, ATTENTION, FILE, within="def additive")
heads = partial(Mutant, "functional.multi_head_attention", HEADS, within="def multi_head_attention")
mask = partial(Mutant, "functional.multi_head_attention", HEADS, within="def _mask")
layer = partial(Mutant, "MultiheadAttention", "modules/attention.py")
encoder_layer = partial(
    Mutant, "TransformerEncoderLayer", "modules/transformer.py", within="class TransformerEncoderLayer"
)
block = partial(Mutant, "VisionTransformer", MODEL, within="class EncoderBlock")
encoder = partial(Mutant, "VisionTransformer", MODEL, within="class Encoder")
model = partial(Mutant, "VisionTransformer", MODEL, within="class VisionTransformer")

MUTANTS = [
    sdpa("1 / sqrt(max(E, 1)) if", "1.0 if", "no scale by default"),
    sdpa("1 / sqrt(max(E, 1)) if", "1 / max(E, 1) if", "the scale without its root"),
    sdpa("query, hides=False)\n    elif", "query, hides=True)\n    elif", "the future seen, the past not"),
    sdpa("query, hides=False)\n        if", "query, hides=True)\n        if", "a mask turned round"),
    sdpa("xp.tril(xp.ones((L, S), dtype=bool))", "xp.tri(L, S, S - L, dtype=bool)", "the corner of the last key"),
    attend("z + mask, -1)", "z - mask, -1)", "a floating mask subtracted"),
    attend("softmax(z, -1) if mask", "softmax(z, -2) if mask", "weights that sum to 1 over the queries"),
    attend(
        "dz = softmax_backward(dropout_backward(dp))", "dz = 0 * softmax_backward(dropout_backward(dp))", "a dead end"
    ),
    attend("softmax_backward(dropout_backward(dp))", "softmax_backward(dp)", "backward skips the dropout"),
    attend("softmax_backward(dropout_backward(dp))", "p * dropout_backward(dp)", "the diagonal of the Jacobian only"),
    attend("scale * dscaled, dkey", "dscaled, dkey", "the scale lost in the gradient of the query"),
    attend("dropout_p, generator=generator)", "dropout_p)", "a generator that is passed over", examples=20),
    attend("array_module(p).ascontiguousarray(p)", "p", "a mask drawn in another order", examples=20),
    attend("matmul(p, value)", "matmul(in_order, value)", "dropout without effect"),
    safe("xp.where(lost, 0, p), lambda", "p, lambda", "nan where no key is seen"),
    safe("lambda dp: xp.where(lost, 0, softmax_backward(dp))", "softmax_backward", "its gradient nan"),
    safe(".all(axis=dim", ".any(axis=dim", "a row lost for one key"),
    additive("mask == hides", "mask != hides", "every mask of bools turned round"),
    additive("-inf, dtype=dtype", "-1e4, dtype=dtype", "a large number for infinity"),
    heads("(3, E, E)", "(3, E, E).swapaxes(1, 2)", "projections transposed"),
    heads("linear(key, weights[1]", "linear(key, weights[2]", "keys projected as values"),
    heads("1 / sqrt(E // num_heads)", "1 / sqrt(E)", "the scale of all heads together"),
    heads("num_heads, E // num_heads)", "E // num_heads, num_heads).swapaxes(-1, -2)", "features dealt out in turn"),
    heads("safe=not need_weights", "safe=True", "0 where PyTorch has nan", examples=20),
    heads("need_weights: bool = True", "need_weights: bool = False", "a changed default", examples=20),
    heads("dropout_p if training else 0.0", "dropout_p", "dropout in evaluation"),
    heads("heads_backward(split(djoined))", "heads_backward(split(dy))", "backward skips the last projection"),
    heads("zip(dq_proj, dk_proj, dv_proj", "zip(dk_proj, dq_proj, dv_proj", "gradients of queries and keys exchanged"),
    heads("return (dquery, dkey, dvalue,", "return (dquery, dvalue, dkey,", "gradients of keys and values exchanged"),
    heads('not_of("key", ', 'not_of("query", ', "keys go with the queries", examples=20),
    mask("attn_mask, query, hides=True)", "attn_mask, query, hides=False)", "hidden keys seen, and the others not"),
    mask("key_padding_mask, query, hides=True)", "key_padding_mask, query, hides=False)", "padding alone is seen"),
    mask("mask + padding", "padding", "one mask replaces the other"),
    mask(
        "mask.reshape(*batch, H, L, S)", "mask.reshape(H, *batch, L, S).swapaxes(0, len(batch))", "heads before images"
    ),
    layer(
        "init.xavier_uniform_(self.in_proj_weight)",
        "init.kaiming_uniform_(self.in_proj_weight, 5**0.5)",
        "as a Linear",
        examples=20,
    ),
    layer(
        "self.out_proj.bias.data[...] = 0",
        "self.out_proj.bias.data[...] *= 1",
        "a last bias that is not 0",
        examples=20,
    ),
    layer("dropout_p=self.dropout,", "", "dropout forgotten"),
    layer("training=self.training,", "", "dropout in evaluation"),
    layer("weights[0].mean(axis=-3)", "weights[0].sum(axis=-3)", "the sum over the heads", examples=20),
    layer("key_padding_mask=key_padding_mask,", "key_padding_mask=None,", "padding forgotten"),
    layer("need_weights=need_weights,", "need_weights=True,", "nan for a query that sees no key"),
    layer(
        "x.swapaxes(0, 1) if self.batch_first", "x.swapaxes(0, 1) if not self.batch_first", "another order of batches"
    ),
    layer(
        "(swap(dquery), swap(dkey), swap(dvalue), *own)",
        "(dquery, dkey, dvalue, *own)",
        "gradients in the other order",
        examples=20,
    ),
    Mutant(
        "MultiheadAttention",
        "init.py",
        "sqrt(2.0 / (fan_in(parameter) + fan_out(parameter)))",
        "sqrt(1.0 / fan_in(parameter))",
        "Xavier looks forwards only",
        examples=20,
        within="def xavier_uniform_",
    ),
    block("dh = added(dy, self.ln_2", "dh = added(0 * dy, self.ln_2", "nothing past the perceptron"),
    block("added(dh, self.ln_1.backward(dtokens))", "self.ln_1.backward(dtokens)", "nothing past the attention"),
    block("added(*dlooks)", "dlooks[0]", "what is also key and value"),
    block("self.dropout.backward(dh)", "dh", "backward skips the dropout"),
    block("attended)", "attended) * 1.0005", "attention scaled by 1.0005"),
    encoder("std=0.02", "std=1.0", "loud positions"),
    encoder("self.dropout.backward(self.layers", "(self.layers", "positions' dropout skipped"),
    encoder("unbroadcast(dx, self.pos_embedding.shape)", "dx[:1]", "positions learn from one image"),
    model(
        "self.class_token.accumulate(unbroadcast(dtokens[:, :1]",
        "self.class_token.accumulate(unbroadcast(dtokens[:, 1:2]",
        "a patch for the class",
    ),
    model("dencoded[:, 0] = dfirst", "dencoded[:] = dfirst[:, None]", "every token answers for the class"),
    model("self.heads(encoded[:, 0])", "self.heads(encoded.mean(axis=1))", "the mean of all tokens"),
    encoder_layer(
        "dh = added(dy, self.norm2", "dh = added(0 * dy, self.norm2", "norm first: nothing past the perceptron"
    ),
    encoder_layer(
        "added(dh, self.norm1.backward(unlook(dh)))", "self.norm1.backward(unlook(dh))", "norm first: nothing past it"
    ),
    encoder_layer("added(dsum, unlook(dsum))", "unlook(dsum)", "nothing past the attention"),
    encoder_layer("h = self.norm1(src + looks(src))", "h = src + looks(self.norm1(src))", "norms in the other place"),
    encoder_layer("self._activation[0].backward(dhidden)", "dhidden", "backward skips the activation"),
    encoder_layer("self.linear2.backward(self.dropout2.backward(d))", "self.linear2.backward(d)", "dropout skipped"),
    encoder_layer('activation == "relu"', 'activation != "relu"', "the other activation"),
    encoder_layer(
        "layer_norm_eps, bias=bias, device=device, dtype=dtype)\n        self.norm2",
        "bias=bias, device=device, dtype=dtype)\n        self.norm2",
        "eps forgotten",
    ),
    encoder_layer("dropout: float = 0.1", "dropout: float = 0.0", "a changed default"),
    Mutant(
        "TransformerEncoderLayer",
        "modules/transformer.py",
        "first = first + gradient",
        "first = gradient",
        "the last way alone",
        within="def added",
    ),
]
