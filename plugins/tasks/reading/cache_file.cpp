// cache_file.cpp: a pack as one file: header, key, directory, parts.
#include "cache_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace reading {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t unit = 64;           // every piece begins at a multiple of it
constexpr std::uint32_t order = 0x01020304;  // as this machine writes it
constexpr std::uint32_t version = 1;         // of this layout

struct Header {
  char magic[8];
  std::uint32_t order, version;
  std::uint64_t n_bytes, n_key_bytes, n_parts;  // n_bytes: of the whole file
  std::uint32_t body_sum, header_sum;  // CRC-32 of all after the header; of the header before it
  std::uint8_t zero[16];
};
static_assert(sizeof(Header) == unit);

struct Place {  // of a part
  char name[40];
  std::uint64_t width, begin, n_bytes;
};
static_assert(sizeof(Place) == unit);

constexpr char magic[8] = {'A', 'T', 'T', 'N', 'D', 'A', 'T', 'A'};

constexpr std::uint64_t rounded(std::uint64_t n) { return (n + unit - 1) / unit * unit; }

std::uint32_t sum_of(std::uint32_t before, const void* bytes, std::uint64_t n) {
  if (n == 0) return before;  // zlib starts again for a null pointer
  return static_cast<std::uint32_t>(crc32_z(before, static_cast<const Bytef*>(bytes), n));
}

std::uint32_t sum_of(const Header& header) {
  return sum_of(0, &header, offsetof(Header, header_sum));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

// Pages that the system shares between machines may vanish with their file.
bool is_shared_between_machines(int descriptor) {
  struct statfs it {};
  if (::fstatfs(descriptor, &it) != 0) return true;
  switch (static_cast<std::uint32_t>(it.f_type)) {
    case 0x6969u:      // NFS
    case 0xff534d42u:  // CIFS
    case 0xfe534d42u:  // SMB2
    case 0x65735546u:  // FUSE
      return true;
    default: return false;
  }
}

// The bytes of a file, mapped or copied; null: the system says no.
std::shared_ptr<const std::byte> bytes_of(int descriptor, std::uint64_t n) {
  if (!is_shared_between_machines(descriptor)) {
    void* const at = ::mmap(nullptr, n, PROT_READ, MAP_SHARED, descriptor, 0);
    if (at == MAP_FAILED) return nullptr;
    return {static_cast<const std::byte*>(at),
            [n](const std::byte* it) { ::munmap(const_cast<std::byte*>(it), n); }};
  }
  std::shared_ptr<std::byte> copy(new std::byte[n], std::default_delete<std::byte[]>());
  for (std::uint64_t done = 0; done < n;) {
    const ssize_t got = ::pread(descriptor, copy.get() + done, n - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return nullptr;
    done += static_cast<std::uint64_t>(got);
  }
  return copy;
}

// The parts that the directory names; none if it points out of the file.
std::optional<Pack> parts_of(const std::shared_ptr<const std::byte>& bytes, const Header& header) {
  const std::uint64_t directory = sizeof(Header) + rounded(header.n_key_bytes);
  if (header.n_parts > (header.n_bytes - directory) / sizeof(Place)) return std::nullopt;
  Pack out;
  for (std::uint64_t i = 0; i < header.n_parts; ++i) {
    Place place;
    std::memcpy(&place, bytes.get() + directory + i * sizeof place, sizeof place);
    const bool fits = place.begin <= header.n_bytes && place.begin % unit == 0 &&
                      place.n_bytes <= header.n_bytes - place.begin && place.width > 0 &&
                      place.n_bytes % place.width == 0 && place.name[sizeof place.name - 1] == 0;
    if (!fits) return std::nullopt;
    out.add({place.name, place.width, std::span(bytes.get() + place.begin, place.n_bytes), bytes});
  }
  return out;
}

// Appends to a file, and keeps the sum of what was appended.
class Writer {
 public:
  explicit Writer(int descriptor) : descriptor_(descriptor) {}

  // Padded with zeros up to the next multiple of `unit`.
  bool append(const void* bytes, std::uint64_t n) {
    static constexpr std::byte zeros[unit] = {};
    return write(bytes, n) && write(zeros, rounded(n) - n);
  }
  std::uint32_t sum() const { return sum_; }
  std::uint64_t size() const { return size_; }

 private:
  bool write(const void* bytes, std::uint64_t n) {
    const auto* at = static_cast<const std::byte*>(bytes);
    sum_ = sum_of(sum_, at, n);
    size_ += n;
    while (n > 0) {
      const ssize_t done = ::write(descriptor_, at, n);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return false;
      at += done;
      n -= static_cast<std::uint64_t>(done);
    }
    return true;
  }

  int descriptor_;
  std::uint32_t sum_ = 0;
  std::uint64_t size_ = 0;
};

bool write_all(int descriptor, const std::string& key, const Pack& pack) {
  Header header{};
  if (::lseek(descriptor, sizeof header, SEEK_SET) < 0) return false;
  Writer out(descriptor);
  if (!out.append(key.data(), key.size())) return false;
  std::vector<Place> places;
  std::uint64_t begin = sizeof header + out.size() + pack.parts().size() * sizeof(Place);
  for (const Pack::Part& part : pack.parts()) {
    Place& place = places.emplace_back();
    part.name.copy(place.name, sizeof place.name - 1);
    place.width = part.width, place.begin = begin, place.n_bytes = part.bytes.size();
    begin += rounded(part.bytes.size());
  }
  if (!out.append(places.data(), places.size() * sizeof(Place))) return false;
  for (const Pack::Part& part : pack.parts()) {
    if (!out.append(part.bytes.data(), part.bytes.size())) return false;
  }
  std::memcpy(header.magic, magic, sizeof magic);
  header.order = order, header.version = version;
  header.n_bytes = sizeof header + out.size();
  header.n_key_bytes = key.size(), header.n_parts = pack.parts().size();
  header.body_sum = out.sum(), header.header_sum = sum_of(header);
  return ::pwrite(descriptor, &header, sizeof header, 0) == static_cast<ssize_t>(sizeof header);
}

}  // namespace

Opened open_cache_file(const fs::path& file, const std::string& key) {
  const Descriptor it(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!it)
    return {nullptr,
            errno == ENOENT ? "" : std::string("cannot be opened: ") + std::strerror(errno)};
  struct stat facts {};
  Header header{};
  if (::fstat(it.number(), &facts) != 0 ||
      ::pread(it.number(), &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header) ||
      std::memcmp(header.magic, magic, sizeof magic) != 0) {
    return {nullptr, "is no data cache, or was cut off"};
  }
  if (header.order != order || header.version != version) {
    return {nullptr, "is of another version of the program"};
  }
  const auto n = static_cast<std::uint64_t>(facts.st_size);
  if (header.header_sum != sum_of(header) || header.n_bytes != n ||
      rounded(header.n_key_bytes) > n - sizeof header) {
    return {nullptr, "is damaged or was cut off"};
  }
  const auto bytes = bytes_of(it.number(), n);
  if (!bytes) return {nullptr, std::string("cannot be read: ") + std::strerror(errno)};
  if (sum_of(0, bytes.get() + sizeof header, n - sizeof header) != header.body_sum) {
    return {nullptr, "is damaged: its checksum is wrong"};
  }
  const char* const written = reinterpret_cast<const char*>(bytes.get()) + sizeof header;
  if (std::string_view(written, header.n_key_bytes) != key) return {nullptr, "is of other data"};
  auto pack = parts_of(bytes, header);
  if (!pack) return {nullptr, "is damaged: its directory is wrong"};
  return {std::make_shared<const Pack>(*std::move(pack)), ""};
}

std::string write_cache_file(const fs::path& file, const std::string& key, const Pack& pack) {
  std::string beside = file.string() + ".XXXXXX";
  const Descriptor it(::mkostemp(beside.data(), O_CLOEXEC));  // mode 0600
  if (!it) return std::strerror(errno);
  if (write_all(it.number(), key, pack) && ::rename(beside.c_str(), file.c_str()) == 0) return "";
  const std::string reason = std::strerror(errno);
  ::unlink(beside.c_str());
  return reason;
}

}  // namespace reading
