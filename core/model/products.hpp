// products.hpp: matrix products, on one thread and in the same order each time. Nothing is
// allocated.
#pragma once

#include "model/rows.hpp"

namespace attnlab {

enum class Into { overwrite, add };

// C = A B,  A [m][k], B [k][n]
template <class S>
void product(Rows<const S> a, Rows<const S> b, Rows<S> c, Into into = Into::overwrite);

// C = A B^T,  A [m][k], B [n][k]
template <class S>
void product_transposed(Rows<const S> a, Rows<const S> b, Rows<S> c, Into into = Into::overwrite);

// C = A^T B,  A [k][m], B [k][n]
template <class S>
void transposed_product(Rows<const S> a, Rows<const S> b, Rows<S> c, Into into = Into::overwrite);

}  // namespace attnlab
