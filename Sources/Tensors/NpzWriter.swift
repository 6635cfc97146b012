import CZlib

/// Writes NumPy's archive of named arrays: a zip file of stored npy entries, as `numpy.savez` does.
///
/// Whole arrays are added with `add`. Arrays that grow by rows while frames come are `rows(…)`: each goes to a file of its
/// own without a name, and `finish` puts them together, so that memory stays bounded. Used by one thread.
package final class NpzWriter {
  private let file: NpyFile
  private let records: NpzRecords
  private var end = 0
  private var entries: [NpzEntry] = []
  private var streams: [NpzRows] = []
  /// Room on the disk for what is written beside the arrays' own bytes, so that an archive can be completed on a full one.
  private static let reserve = 64 << 10
  /// The same for each array: headers, and the blocks that its first and last bytes share with others.
  private static let overhead = 16 << 10

  /// Makes the archive; an existing file is an error with `exclusive`, else replaced.
  /// Sizes from `zip64From` on are written in zip64 fields.
  package init(_ path: String, exclusive: Bool = false, zip64From: UInt64 = 0xffff_ffff) throws {
    file = try NpyFile.writing(path, exclusive: exclusive)
    records = NpzRecords(limit: zip64From)
    file.reserve(Self.reserve)
  }

  /// Adds a whole array under a name (without ".npy").
  package func add(_ name: String, _ tensor: Tensor) throws {
    let header = try NpyHeader(tensor.type, tensor.shape).encoded()
    try entry(name, size: header.count + tensor.byteCount) { write in
      try header.withUnsafeBytes(write)
      try write(UnsafeRawBufferPointer(rebasing: tensor.storage.bytes[..<tensor.byteCount]))
    }
  }

  /// An array [rows, rowShape…] that grows by rows until `finish`.
  package func rows(_ name: String, _ type: ElementType, _ rowShape: Shape) throws -> NpzRows {
    guard !(entries.map(\.name) + streams.map(\.entryName)).contains(name + ".npy") else {
      throw NpyError("\(file.path) cannot hold two arrays named \(name)")
    }
    let rows = try NpzRows(name, type, rowShape, beside: file.path)
    streams.append(rows)
    file.reserve(Self.reserve + streams.reduce(0) { $0 + Self.overhead + 2 * $1.name.utf8.count })
    return rows
  }

  /// Writes the growing arrays and the directory, and closes the file.
  package func finish() throws {
    for rows in streams {
      let header = try rows.header()
      try entry(rows.name, size: header.count + rows.byteCount) { write in
        try header.withUnsafeBytes(write)
        try rows.takeChunks(write)
      }
      try rows.close()
    }
    streams = []
    let start = end
    for entry in entries { try append(records.central(entry)) }
    let size = UInt64(end - start)
    try append(records.end(count: entries.count, directorySize: size, directoryOffset: UInt64(start)))
    try file.truncate(to: end)
    try file.close()
  }

  private func entry(
    _ name: String, size: Int, _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    var entry = NpzEntry(name: name + ".npy", size: UInt64(size), offset: UInt64(end))
    guard entry.name.utf8.count <= 0xffff else { throw NpyError("the name of an array is too long for \(file.path)") }
    guard !entries.contains(where: { $0.name == entry.name }) else {
      throw NpyError("\(file.path) cannot hold two arrays named \(name)")
    }
    let start = end
    try append(records.local(entry))
    var sum: UInt = 0
    try body { bytes in
      sum = crc32_z(sum, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
      try file.write(bytes, at: end)
      end += bytes.count
    }
    entry.crc = UInt32(sum)
    try records.local(entry).withUnsafeBytes { try file.write($0, at: start) }
    entries.append(entry)
  }

  private func append(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try file.write($0, at: end) }
    end += bytes.count
  }
}

/// An array [rows, rowShape…] that grows on disk.
package final class NpzRows {
  /// The array's name in the archive.
  package let name: String
  package let type: ElementType
  /// The extents of one row.
  package let rowShape: Shape
  package private(set) var count = 0
  private let file: NpyFile
  private let rowBytes: Int
  private static let chunk = 1 << 20

  init(_ name: String, _ type: ElementType, _ rowShape: Shape, beside path: String) throws {
    (self.name, self.type, self.rowShape) = (name, type, rowShape)
    rowBytes = try NpyHeader(type, rowShape).byteCount()
    file = try NpyFile.scratch(beside: path)
  }

  var entryName: String { name + ".npy" }
  var byteCount: Int { count * rowBytes }

  /// Adds one row; `row` has the array's type and row shape.
  package func append(_ row: TensorView) throws {
    precondition(row.type == type && row.shape.count == rowShape.count, "a row of another shape")
    try append(UnsafeRawBufferPointer(start: row.pointer, count: rowBytes))
  }

  /// Adds one row of exactly that many bytes.
  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    precondition(bytes.count == rowBytes, "a row of another size")
    try file.write(bytes, at: byteCount)
    count += 1
  }

  /// Drops the rows behind the first `count`, and what was written of one that failed.
  package func keep(_ count: Int) throws {
    self.count = min(count, self.count)
    try file.truncate(to: byteCount)
  }

  func header() throws -> [UInt8] { try NpyHeader(type, Shape([count] + rowShape.dimensions)).encoded() }

  /// Calls `body` with the array's bytes from first to last. Each part is taken from the disk before, so that a copy needs no room
  /// beside it.
  func takeChunks(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: 64)
    defer { buffer.deallocate() }
    for offset in stride(from: 0, to: byteCount, by: Self.chunk) {
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(Self.chunk, byteCount - offset)])
      try file.read(part, at: offset)
      file.free(offset..<offset + part.count)
      try body(UnsafeRawBufferPointer(part))
    }
  }

  func close() throws { try file.close() }
}
