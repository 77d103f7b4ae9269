// attempt_bytes.cpp: an attempt as bytes and back, for the channel between two processes.
#include "base/bytes.hpp"
#include "run/attempt.hpp"

namespace attnlab {
namespace {

template <class Variant, std::size_t I = 0>
bool read_values(ByteReader& in, std::uint32_t type, Variant& out) {
  if constexpr (I == std::variant_size_v<Variant>) {
    return false;
  } else {
    if (type != I) return read_values<Variant, I + 1>(in, type, out);
    using Values = std::variant_alternative_t<I, Variant>;
    std::string_view raw;
    if (!in.text(raw) || raw.size() % sizeof(typename Values::value_type) != 0) return false;
    Values values(raw.size() / sizeof(typename Values::value_type));
    if (!raw.empty()) std::memcpy(values.data(), raw.data(), raw.size());
    out = std::move(values);
    return true;
  }
}

bool read_text(ByteReader& in, std::string& out) {
  std::string_view text;
  if (!in.text(text)) return false;
  out = text;
  return true;
}

bool read_texts(ByteReader& in, std::vector<std::string>& out) {
  std::uint64_t n = 0;
  if (!in.number(n)) return false;
  for (std::uint64_t i = 0; i < n; ++i) {
    if (!read_text(in, out.emplace_back())) return false;
  }
  return true;
}

void write_texts(ByteWriter& out, const std::vector<std::string>& texts) {
  out.number(static_cast<std::uint64_t>(texts.size()));
  for (const std::string& text : texts) out.text(text);
}

void write_axis(ByteWriter& out, const RecordAxis& axis) {
  out.text(axis.name);
  out.text(axis.long_name);
  out.text(axis.unit);
  const bool named = axis.labels.index() == 1;
  out.number(static_cast<std::uint32_t>(named));
  if (named) {
    write_texts(out, std::get<1>(axis.labels));
  } else {
    out.numbers(std::span(std::get<0>(axis.labels)));
  }
}

bool read_axis(ByteReader& in, RecordAxis& axis) {
  std::uint32_t named = 0;
  if (!read_text(in, axis.name) || !read_text(in, axis.long_name) || !read_text(in, axis.unit) ||
      !in.number(named))
    return false;
  if (named != 0) return read_texts(in, axis.labels.emplace<1>());
  std::variant<std::vector<std::int64_t>> labels;
  if (!read_values(in, 0, labels)) return false;
  axis.labels = std::get<0>(std::move(labels));
  return true;
}

void write_series(ByteWriter& out, const Series& series) {
  out.text(series.name);
  write_texts(out, series.axes);
  out.text(series.long_name);
  out.text(series.unit);
  out.number(static_cast<std::uint32_t>(series.values.index()));
  std::visit([&](const auto& values) { out.numbers(std::span(values)); }, series.values);
}

bool read_series(ByteReader& in, Series& series) {
  std::uint32_t type = 0;
  return read_text(in, series.name) && read_texts(in, series.axes) &&
         read_text(in, series.long_name) && read_text(in, series.unit) && in.number(type) &&
         read_values(in, type, series.values);
}

}  // namespace

std::string encode(const Attempt& attempt) {
  const Records& records = attempt.records;
  ByteWriter out;
  out.number(static_cast<std::uint8_t>(attempt.stopped));
  out.number(static_cast<std::int8_t>(attempt.status));
  out.text(attempt.error);
  out.number(attempt.attempts);
  out.number(records.final_loss);
  out.number(records.final_accuracy);
  out.number(records.steps);
  out.number(records.parameters);
  out.number(static_cast<std::uint64_t>(records.axes.size()));
  for (const RecordAxis& axis : records.axes) write_axis(out, axis);
  out.number(static_cast<std::uint64_t>(records.series.size()));
  for (const Series& series : records.series) write_series(out, series);
  return out.take();
}

std::optional<Attempt> decode_attempt(std::string_view bytes) {
  ByteReader in(bytes);
  Attempt out;
  Records& records = out.records;
  std::uint8_t stopped = 0;
  std::int8_t status = 0;
  std::uint64_t n = 0;
  if (!in.number(stopped) || !in.number(status) || !read_text(in, out.error) ||
      !in.number(out.attempts) || !in.number(records.final_loss) ||
      !in.number(records.final_accuracy) || !in.number(records.steps) ||
      !in.number(records.parameters) || !in.number(n))
    return std::nullopt;
  for (std::uint64_t i = 0; i < n; ++i) {
    if (!read_axis(in, records.axes.emplace_back())) return std::nullopt;
  }
  if (!in.number(n)) return std::nullopt;
  for (std::uint64_t i = 0; i < n; ++i) {
    if (!read_series(in, records.series.emplace_back())) return std::nullopt;
  }
  if (!in.at_end() || status < 0 || status > static_cast<std::int8_t>(TrialStatus::crashed))
    return std::nullopt;
  out.stopped = stopped != 0;
  out.status = static_cast<TrialStatus>(status);
  return out;
}

}  // namespace attnlab
