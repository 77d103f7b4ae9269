// products.cpp: the matrix products of a pass, by Eigen.
#ifndef EIGEN_RUNTIME_NO_MALLOC
#define EIGEN_RUNTIME_NO_MALLOC
#endif
#include "model/products.hpp"

#include <Eigen/Core>

namespace attnlab {
namespace {

template <class S>
using Matrix = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class S>
Eigen::Map<const Matrix<S>> map(Rows<const S> x) {
  return {x.data, x.rows, x.columns};
}

template <class S>
Eigen::Map<Matrix<S>> map(Rows<S> x) {
  return {x.data, x.rows, x.columns};
}

template <class S, class Product>
void put(Rows<S> c, const Product& product, Into into) {
  if (c.size() == 0) return;
  if (into == Into::add)
    map(c).noalias() += product;
  else
    map(c).noalias() = product;
}

}  // namespace

// A single column needs no machinery: sums of rows, dot products, and a matrix of rank one.
template <class S>
void product(Rows<const S> a, Rows<const S> b, Rows<S> c, Into into) {
  if (b.columns == 1) {
    for (Index r = 0; r < c.rows; ++r)
      c.data[r] = dot(a[r], b.data, a.columns) + (into == Into::add ? c.data[r] : S(0));
    return;
  }
  put(c, map(a) * map(b), into);
}

template <class S>
void product_transposed(Rows<const S> a, Rows<const S> b, Rows<S> c, Into into) {
  if (a.columns == 1) {
    if (into == Into::overwrite) std::fill_n(c.data, c.size(), S(0));
    for (Index r = 0; r < c.rows; ++r) add_scaled(c[r], a.data[r], b.data, c.columns);
    return;
  }
  put(c, map(a) * map(b).transpose(), into);
}

template <class S>
void transposed_product(Rows<const S> a, Rows<const S> b, Rows<S> c, Into into) {
  if (b.columns == 1) {
    if (into == Into::overwrite) std::fill_n(c.data, c.size(), S(0));
    for (Index r = 0; r < a.rows; ++r) add_scaled(c.data, b.data[r], a[r], a.columns);
    return;
  }
  put(c, map(a).transpose() * map(b), into);
}

template void product(Rows<const float>, Rows<const float>, Rows<float>, Into);
template void product(Rows<const double>, Rows<const double>, Rows<double>, Into);
template void product_transposed(Rows<const float>, Rows<const float>, Rows<float>, Into);
template void product_transposed(Rows<const double>, Rows<const double>, Rows<double>, Into);
template void transposed_product(Rows<const float>, Rows<const float>, Rows<float>, Into);
template void transposed_product(Rows<const double>, Rows<const double>, Rows<double>, Into);

}  // namespace attnlab
