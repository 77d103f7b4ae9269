// png_file.cpp: the only file with libpng. Its errors jump; all that the jump passes is plain data.
#include "png_file.hpp"

#include <png.h>

#include <attnlab/plugin.hpp>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <memory>

#include "file.hpp"

namespace reading {
namespace {

using attnlab::Failure;

constexpr std::uint32_t largest_side = 65536;

struct Bytes {
  const char* at;
  std::size_t left;
  std::array<char, 160> what;  // the reader's complaint
};

void give(png_structp png, png_bytep out, png_size_t n) {
  auto* bytes = static_cast<Bytes*>(png_get_io_ptr(png));
  if (n > bytes->left) png_error(png, "the data end too early");
  std::memcpy(out, bytes->at, n);
  bytes->at += n;
  bytes->left -= n;
}

[[noreturn]] void complain(png_structp png, png_const_charp what) {
  auto* bytes = static_cast<Bytes*>(png_get_error_ptr(png));
  std::snprintf(bytes->what.data(), bytes->what.size(), "%s", what);
  std::longjmp(png_jmpbuf(png), 1);
}

void be_quiet(png_structp, png_const_charp) {}

struct Reader {
  png_structp png;
  png_infop info = nullptr;

  explicit Reader(Bytes& bytes)
      : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &bytes, complain, be_quiet)) {
    if (png != nullptr) info = png_create_info_struct(png);
    if (info == nullptr) throw Failure("libpng could not be started");
    png_set_read_fn(png, &bytes, give);
    png_set_user_limits(png, largest_side, largest_side);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

// Each of these answers false when libpng complained.
bool read_head(const Reader& it) {
  if (setjmp(png_jmpbuf(it.png)) != 0) return false;
  png_read_info(it.png, it.info);
  png_set_expand(it.png);  // palettes to colours, 1, 2, 4 bits to 8
  png_set_scale_16(it.png);
  png_set_strip_alpha(it.png);
  png_set_interlace_handling(it.png);
  png_read_update_info(it.png, it.info);
  return true;
}
bool read_rows(const Reader& it, png_bytep* rows) {
  if (setjmp(png_jmpbuf(it.png)) != 0) return false;
  png_read_image(it.png, rows);
  png_read_end(it.png, nullptr);
  return true;
}

std::uint8_t grey_of(const png_byte* rgb) {  // in parts of 65536
  return static_cast<std::uint8_t>((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 32768u) >>
                                   16);
}

}  // namespace

Image read_png(const std::filesystem::path& file) {
  const std::string content = reading::content_of(file);
  if (content.empty()) throw Failure(file.string() + " is empty (0 bytes)");
  constexpr std::size_t n_signature = 8;
  if (content.size() < n_signature ||
      png_sig_cmp(reinterpret_cast<png_const_bytep>(content.data()), 0, n_signature) != 0) {
    throw Failure(file.string() + " is no PNG file: it does not begin with the PNG signature");
  }
  Bytes bytes{content.data(), content.size(), {}};
  const Reader it(bytes);
  const auto damaged = [&] {
    return Failure(file.string() + " is a damaged PNG: " + bytes.what.data());
  };
  if (!read_head(it)) throw damaged();

  Image out;
  out.rows = png_get_image_height(it.png, it.info);
  out.columns = png_get_image_width(it.png, it.info);
  const std::size_t n_channels = png_get_channels(it.png, it.info);
  const std::size_t stride = png_get_rowbytes(it.png, it.info);
  const auto n_rows = static_cast<std::size_t>(out.rows);
  const auto n_columns = static_cast<std::size_t>(out.columns);
  std::vector<png_byte> pixels(n_rows * stride);
  std::vector<png_bytep> rows(n_rows);
  for (std::size_t y = 0; y < n_rows; ++y) rows[y] = pixels.data() + y * stride;
  if (!read_rows(it, rows.data())) throw damaged();

  out.grey.reserve(n_rows * n_columns);
  for (std::size_t y = 0; y < n_rows; ++y) {
    for (std::size_t x = 0; x < n_columns; ++x) {
      const png_byte* pixel = rows[y] + x * n_channels;
      out.grey.push_back(n_channels >= 3 ? grey_of(pixel) : pixel[0]);
    }
  }
  return out;
}

}  // namespace reading
