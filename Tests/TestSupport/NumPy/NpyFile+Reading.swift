import Foundation

@testable import Tensors

extension NpyFile {
  /// Opens a regular file for reading.
  package static func reading(_ path: String) throws -> NpyFile {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("cannot open", path) }
    let file = NpyFile(descriptor, path)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure("cannot read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw NpyError("\(path) is not a file; name an .npy or .npz file") }
    return file
  }

  /// The bytes in the file.
  package func size() throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure("cannot read", path) }
    return Int(status.st_size)
  }

  /// `count` bytes from an offset.
  package func read(_ count: Int, at offset: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(UnsafeMutableRawBufferPointer(buffer), at: offset)
      initialized = count
    }
  }
}

extension NpyHeader {
  private static let longest = 1 << 20

  /// Reads a header out of a file's window of `available` bytes from `offset` on; also returns the header's length.
  package static func read(_ file: NpyFile, at offset: Int, available: Int) throws -> (
    header: NpyHeader, isBigEndian: Bool, length: Int
  ) {
    guard available >= 10 else { throw NpyError("\(file.path) holds no NumPy array; it is too short") }
    let start = try file.read(min(available, 12), at: offset)
    guard start.starts(with: magic) else { throw NpyError("\(file.path) holds no NumPy array; the magic bytes differ") }
    let wide = start[6] > 1
    guard (1...3).contains(start[6]), !wide || start.count == 12 else {
      throw NpyError("\(file.path) uses version \(start[6]).\(start[7]) of the npy format; versions 1 to 3 are known")
    }
    let lengthBytes = start[8..<(wide ? 12 : 10)]
    let textLength = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    let first = wide ? 12 : 10
    guard textLength <= longest, textLength <= available - first else {
      throw NpyError("\(file.path) claims an npy header of \(textLength) bytes, more than there are")
    }
    let text = try file.read(textLength, at: offset + first)
    guard let (header, isBigEndian) = parse(text) else {
      throw NpyError(
        "\(file.path) holds an array that cannot be read here: "
          + String(decoding: text.prefix(120), as: UTF8.self).filter { $0 != "\n" }
          + "; save it as a row-major array of numbers or booleans")
    }
    return (header, isBigEndian, first + textLength)
  }

  /// The dictionary's three entries; nil when it is something else.
  package static func parse(_ text: [UInt8]) -> (header: NpyHeader, isBigEndian: Bool)? {
    var scanner = NpyLiteralScanner(text)
    guard let entries = scanner.dictionary(), case .string(let descr)? = entries["descr"],
      case .boolean(false)? = entries["fortran_order"], case .tuple(let extents)? = entries["shape"],
      let code = codes.first(where: { descr.dropFirst() == $0.1 }), let order = descr.first, "<>|=".contains(order),
      code.0.size == 1 || order != "|"
    else { return nil }
    return (NpyHeader(code.0, Shape(extents)), order == ">" && code.0.size > 1)
  }
}
