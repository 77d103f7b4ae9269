// result.cpp: how an error is put into one sentence.
#include "base/result.hpp"

namespace attnlab {

std::string sentence(const Error& error) {
  std::string text;
  if (!error.where.empty()) text += error.where + ": ";
  text += error.what;
  if (!error.hint.empty()) text += "; " + error.hint;
  return text;
}

}  // namespace attnlab
