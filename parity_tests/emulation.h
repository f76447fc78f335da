/* What a CUDA source asks of its surroundings, on the host: one block after the other, its threads taking turns.

   A thread runs until the next __syncthreads, then the next thread does: what one of them reads before a barrier that
   is not there is what the others have not written yet. `backwards` lets the last thread begin. */

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <ucontext.h>
#include <utility>

#define __global__
#define __device__ static
#define __shared__ static
#define __grid_constant__

struct Place {
    unsigned x, y, z;
};
static Place threadIdx, blockIdx, blockDim, gridDim;

const unsigned MOST = 1024;
const size_t STACK = 1 << 15;
static ucontext_t all, one[MOST];
static char *stacks = (char *)malloc(MOST * STACK);
static bool done[MOST];
static void (*body)(void **);
static void **given;

static void __syncthreads()
{
    unsigned thread = threadIdx.x;
    swapcontext(&one[thread], &all);
    threadIdx.x = thread;
}

template <typename T> static T atomicAdd(T *place, T value)
{
    T before = *place;
    *place += value;
    return before;
}

static void run_one()
{
    body(given);
    done[threadIdx.x] = true;
}

/* False where some threads of a block have come to an end while others wait for them. */
static bool run_block(bool backwards)
{
    unsigned count = blockDim.x, finished = 0;
    for (unsigned t = 0; t < count; t++) {
        done[t] = false;
        getcontext(&one[t]);
        one[t].uc_stack.ss_sp = stacks + t * STACK;
        one[t].uc_stack.ss_size = STACK;
        one[t].uc_link = &all;
        makecontext(&one[t], run_one, 0);
    }
    while (finished == 0) {
        for (unsigned turn = 0; turn < count; turn++) {
            unsigned t = backwards ? count - 1 - turn : turn;
            threadIdx.x = t;
            swapcontext(&all, &one[t]);
            finished += done[t];
        }
    }
    return finished == count;
}

static bool run(void (*kernel)(void **), void **args, unsigned blocks, unsigned threads, bool backwards)
{
    body = kernel;
    given = args;
    gridDim.x = blocks;
    blockDim.x = threads;
    for (unsigned block = 0; block < blocks; block++) {
        blockIdx.x = block;
        if (!run_block(backwards))
            return false;
    }
    return true;
}

template <typename... A, size_t... I> static void call(void (*kernel)(A...), void **args, std::index_sequence<I...>)
{
    kernel(*(A *)args[I]...);
}

template <typename... A> static void call(void (*kernel)(A...), void **args)
{
    call(kernel, args, std::index_sequence_for<A...>());
}
