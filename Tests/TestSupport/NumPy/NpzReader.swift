import CZlib

@testable import Tensors

/// Reads NumPy's archive of named arrays: a zip file of stored npy entries. Every offset and length is checked.
package final class NpzReader {
  private let file: NpyFile
  private let fileSize: Int
  private var entries: [NpzEntry] = []

  /// The arrays' names, in the archive's order.
  package var names: [String] { entries.map { String($0.name.dropLast(4)) } }

  /// Opens an archive and reads its directory.
  package init(_ path: String) throws {
    file = try NpyFile.reading(path)
    fileSize = try file.size()
    let (count, offset, size) = try directory()
    try readDirectory(count: count, file.read(size, at: offset))
  }

  /// Reads one array and checks its check sum.
  package func tensor(_ name: String) throws -> Tensor {
    guard let entry = entries.first(where: { $0.name == name + ".npy" }) else {
      throw NpyError("\(file.path) holds no array named \(name); it has \(names.joined(separator: ", "))")
    }
    let start = try dataOffset(of: entry)
    guard start <= fileSize, entry.size <= UInt64(fileSize - start) else { throw damaged("an entry is cut short") }
    try check(entry, from: start)
    return try Npy.read(file, at: start, available: Int(entry.size))
  }

  private func check(_ entry: NpzEntry, from start: Int) throws {
    var sum: UInt = 0
    for done in stride(from: 0, to: Int(entry.size), by: 1 << 20) {
      let bytes = try file.read(min(1 << 20, Int(entry.size) - done), at: start + done)
      sum = crc32_z(sum, bytes, bytes.count)
    }
    guard UInt32(sum) == entry.crc else { throw damaged("the check sum of \(entry.name) differs") }
  }

  /// The local header repeats name and extra field, perhaps of other lengths than in the directory.
  private func dataOffset(of entry: NpzEntry) throws -> Int {
    guard fileSize >= 30, entry.offset <= UInt64(fileSize - 30) else { throw damaged("an entry lies outside the file") }
    let header = try file.read(30, at: Int(entry.offset))
    guard NpzFields(header)[u32: 0] == NpzRecords.localSignature else { throw damaged("an entry has no header") }
    let fields = NpzFields(header)
    return Int(entry.offset) + 30 + Int(fields[u16: 26]) + Int(fields[u16: 28])
  }

  /// Count, offset and size of the directory from the end record, which a comment of up to 65535 bytes may follow.
  private func directory() throws -> (count: Int, offset: Int, size: Int) {
    let tail = try file.read(min(fileSize, 22 + 0xffff), at: max(0, fileSize - 22 - 0xffff))
    let fields = NpzFields(tail)
    guard tail.count >= 22,
      let end = stride(from: tail.count - 22, through: 0, by: -1).first(where: {
        fields[u32: $0] == NpzRecords.endSignature
      })
    else { throw NpyError("\(file.path) is no npz archive, or it was cut short") }
    var (count, size) = (fields[u16: end + 10], UInt64(fields[u32: end + 12]))
    var offset = UInt64(fields[u32: end + 16])
    if end >= 20, fields[u32: end - 20] == NpzRecords.locatorSignature {
      let at = fields[u64: end - 12]
      guard fileSize >= 56, at <= UInt64(fileSize - 56) else { throw damaged("the zip64 record lies outside the file") }
      let record = NpzFields(try file.read(56, at: Int(at)))
      guard record[u32: 0] == NpzRecords.end64Signature else { throw damaged("the zip64 record is missing") }
      (count, size, offset) = (record[u64: 32], record[u64: 40], record[u64: 48])
    }
    // 46 bytes is the least that an entry of the directory takes.
    guard size <= UInt64(fileSize), offset <= UInt64(fileSize) - size, count <= size / 46 else {
      throw damaged("the directory lies outside the file")
    }
    return (Int(count), Int(offset), Int(size))
  }

  private func readDirectory(count: Int, _ bytes: [UInt8]) throws {
    let fields = NpzFields(bytes)
    var at = 0
    for _ in 0..<count {
      guard at + 46 <= bytes.count, fields[u32: at] == NpzRecords.centralSignature else {
        throw damaged("the directory ends too early")
      }
      let (nameLength, extraLength) = (Int(fields[u16: at + 28]), Int(fields[u16: at + 30]))
      let next = at + 46 + nameLength + extraLength + Int(fields[u16: at + 32])
      guard next <= bytes.count else { throw damaged("the directory ends too early") }
      let name = String(decoding: bytes[(at + 46)..<(at + 46 + nameLength)], as: UTF8.self)
      if name.hasSuffix(".npy") {
        guard fields[u16: at + 10] == 0, fields[u16: at + 8] & 1 == 0 else {
          throw NpyError("\(name) in \(file.path) is compressed or encrypted; save it with numpy.savez")
        }
        let extraStart = at + 46 + nameLength
        entries.append(try entry(name, fields, at, extra: extraStart..<(extraStart + extraLength)))
      }
      at = next
    }
  }

  private func entry(_ name: String, _ fields: NpzFields, _ at: Int, extra: Range<Int>) throws -> NpzEntry {
    var size = UInt64(fields[u32: at + 24])
    var offset = UInt64(fields[u32: at + 42])
    let storedSize = fields[u32: at + 20]
    var values = zip64(fields, extra)
    if size == 0xffff_ffff, let value = values.popFirst() { size = value }
    if storedSize == 0xffff_ffff { _ = values.popFirst() }
    if offset == 0xffff_ffff, let value = values.popFirst() { offset = value }
    guard size <= UInt64(fileSize), offset <= UInt64(fileSize) else { throw damaged("an entry lies outside the file") }
    return NpzEntry(name: name, crc: fields[u32: at + 16], size: size, offset: offset)
  }

  /// The 64-bit values of extra field 1.
  private func zip64(_ fields: NpzFields, _ extra: Range<Int>) -> ArraySlice<UInt64> {
    var at = extra.lowerBound
    while at + 4 <= extra.upperBound {
      let (id, length) = (fields[u16: at], Int(fields[u16: at + 2]))
      guard at + 4 + length <= extra.upperBound else { break }
      if id == 1 { return (0..<length / 8).map { fields[u64: at + 4 + 8 * $0] }[...] }
      at += 4 + length
    }
    return []
  }

  private func damaged(_ what: String) -> NpyError {
    NpyError("\(file.path) is damaged: \(what); copy or write it again")
  }
}

/// Little-endian numbers in bytes, by offset; the callers check the offsets.
struct NpzFields {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  subscript(u16 offset: Int) -> UInt64 { number(offset, 2) }
  subscript(u32 offset: Int) -> UInt32 { UInt32(number(offset, 4)) }
  subscript(u64 offset: Int) -> UInt64 { number(offset, 8) }

  private func number(_ offset: Int, _ count: Int) -> UInt64 {
    (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(bytes[offset + $1]) }
  }
}
