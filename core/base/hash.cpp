// hash.cpp: digests by OpenSSL and zlib.
#include "base/hash.hpp"

#include <openssl/evp.h>
#include <zlib.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

namespace attnlab {
namespace {

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Digest = std::unique_ptr<EVP_MD_CTX, Free>;

Digest start() {
  Digest digest{EVP_MD_CTX_new()};
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  return digest;
}

Sha256 finish(const Digest& digest) {
  Sha256 out{};
  EVP_DigestFinal_ex(digest.get(), out.data(), nullptr);
  return out;
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
  const Digest digest = start();
  EVP_DigestUpdate(digest.get(), bytes.data(), bytes.size());
  return finish(digest);
}

std::string hex(const Sha256& digest) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

Result<std::string> sha256_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{file.string(), "cannot be read", std::strerror(errno), Blame::machine};
  const Digest digest = start();
  std::vector<char> buffer(1 << 16);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    EVP_DigestUpdate(digest.get(), buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  return hex(finish(digest));
}

std::uint32_t crc32(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

}  // namespace attnlab
