/* The gradient of a table: each thread adds one number of dy to the row that it was looked up from.

   Equal indices meet in a row, so that it takes an atomic addition, whose order is any. */
extern "C" __global__ void scatter(const long long *indices, const REAL *dy, REAL *dweight,
                                   long long padding, long long D, long long n)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        long long row = indices[i / D];
        if (row != padding)
            atomicAdd(&dweight[row * D + i % D], dy[i]);
    }
}
