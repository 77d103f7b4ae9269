// half_way.cpp: the state of a trial between two updates as bytes and back.
#include "base/bytes.hpp"
#include "train/checkpoint.hpp"

namespace attnlab {

std::string encode(const HalfWay& state) {
  ByteWriter out;
  out.reserve(state.parameters.size() + state.state.size() + state.observed.size() + 64);
  out.number(state.step);
  out.number(state.time);
  out.text(state.parameters);
  out.text(state.state);
  out.text(state.observed);
  return out.take();
}

Result<HalfWay> decode_half_way(std::string_view bytes) {
  HalfWay out;
  ByteReader in(bytes);
  if (in.number(out.step) && in.number(out.time) && in.text(out.parameters) && in.text(out.state) &&
      in.text(out.observed) && in.at_end()) {
    return out;
  }
  return Error{"", "it does not hold the state of a trial", ""};
}

}  // namespace attnlab
