import CZlib

/// Bytes in zlib's format (RFC 1950), for fixtures.
package enum Zlib {
  /// As small as possible.
  package static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(UInt(bytes.count))
    var result = [UInt8](repeating: 0, count: Int(count))
    guard compress2(&result, &count, bytes, UInt(bytes.count), Z_BEST_COMPRESSION) == Z_OK else { return [] }
    return Array(result.prefix(Int(count)))
  }

  /// The bytes that were compressed; nil when there are not exactly this many.
  package static func decompress(_ bytes: [UInt8], count: Int) -> [UInt8]? {
    var (result, size) = ([UInt8](repeating: 0, count: count), UInt(count))
    guard uncompress(&result, &size, bytes, UInt(bytes.count)) == Z_OK, size == count else { return nil }
    return result
  }
}
