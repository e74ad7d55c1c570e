/* A plain loop on libllama, to measure ours against (app/bench/comparator.py says how it is talked to).
 *
 *   cc -O2 -o c_loop c_loop.c -I INCLUDE -L LIB -lllama -lggml -lggml-base
 *   c_loop MODEL THREADS READING_THREADS CONTEXT STEP REPACK
 *
 * It decodes tokens that mean nothing in steps of STEP, then the likeliest token, one by one. No prompt, no template, no
 * stream, no other process: what is left of the time is llama.cpp's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "llama.h"

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec * 1e-9;
}

static void quiet(enum ggml_log_level level, const char * text, void * data) {
    (void) level, (void) text, (void) data;
}

static void fail(const char * what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static struct llama_context * ctx;
static struct llama_sampler * greedy;
static int step, vocabulary;

static double reading(int count) {
    llama_token * tokens = malloc((size_t) count * sizeof *tokens);
    for (int i = 0; i < count; i++) {
        tokens[i] = (llama_token) ((i * 7919L) % vocabulary);
    }
    llama_memory_clear(llama_get_memory(ctx), false);
    const double began = now();
    for (int at = 0; at < count; at += step) {
        const int width = count - at < step ? count - at : step;
        if (llama_decode(ctx, llama_batch_get_one(tokens + at, width)) != 0) {
            fail("reading failed");
        }
    }
    llama_synchronize(ctx);
    const double seconds = now() - began;
    free(tokens);
    return seconds;
}

static double writing(int count) {
    llama_token token = llama_sampler_sample(greedy, ctx, -1);
    const double began = now();
    for (int i = 0; i < count; i++) {
        if (llama_decode(ctx, llama_batch_get_one(&token, 1)) != 0) {
            fail("writing failed");
        }
        token = llama_sampler_sample(greedy, ctx, -1);
    }
    return now() - began;
}

int main(int argc, char ** argv) {
    if (argc != 7) {
        fail("c_loop MODEL THREADS READING_THREADS CONTEXT STEP REPACK");
    }
    llama_log_set(quiet, NULL);
    llama_backend_init();
    struct llama_model_params of_model = llama_model_default_params();
    of_model.n_gpu_layers = 0;
    of_model.use_extra_bufts = atoi(argv[6]) != 0;
    struct llama_model * model = llama_model_load_from_file(argv[1], of_model);
    if (model == NULL) {
        fail("the model does not load");
    }
    step = atoi(argv[5]);
    vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
    struct llama_context_params of_context = llama_context_default_params();
    of_context.n_ctx = (uint32_t) atoi(argv[4]);
    of_context.n_batch = of_context.n_ubatch = (uint32_t) step;
    of_context.n_threads = atoi(argv[2]);
    of_context.n_threads_batch = atoi(argv[3]);
    of_context.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
    of_context.no_perf = true;
    ctx = llama_init_from_model(model, of_context);
    if (ctx == NULL) {
        fail("no context");
    }
    greedy = llama_sampler_init_greedy();
    reading(step); /* brings every page of the weights into memory */
    printf("ready\n");
    fflush(stdout);
    int read, write;
    while (scanf("%d %d", &read, &write) == 2) {
        const double read_seconds = reading(read);
        const double write_seconds = writing(write);
        printf("%.9f %.9f\n", read_seconds, write_seconds);
        fflush(stdout);
    }
    return 0;
}
