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

template <class S>
void product(Rows<const S> a, Rows<const S> b, Rows<S> c, Into into) {
  put(c, map(a) * map(b), into);
}

template <class S>
void product_transposed(Rows<const S> a, Rows<const S> b, Rows<S> c, Into into) {
  put(c, map(a) * map(b).transpose(), into);
}

template <class S>
void transposed_product(Rows<const S> a, Rows<const S> b, Rows<S> c, Into into) {
  put(c, map(a).transpose() * map(b), into);
}

template void product(Rows<const float>, Rows<const float>, Rows<float>, Into);
template void product(Rows<const double>, Rows<const double>, Rows<double>, Into);
template void product_transposed(Rows<const float>, Rows<const float>, Rows<float>, Into);
template void product_transposed(Rows<const double>, Rows<const double>, Rows<double>, Into);
template void transposed_product(Rows<const float>, Rows<const float>, Rows<float>, Into);
template void transposed_product(Rows<const double>, Rows<const double>, Rows<double>, Into);

}  // namespace attnlab
