@testable import Tensors

/// NumPy's file of one array.
package enum Npy {
  /// Reads a whole npy file.
  package static func read(_ path: String) throws -> Tensor {
    let file = try NpyFile.reading(path)
    return try read(file, at: 0, available: file.size())
  }

  /// Writes a whole npy file; an existing one is replaced.
  package static func write(_ tensor: Tensor, to path: String) throws {
    let header = try NpyHeader(tensor.type, tensor.shape).encoded()
    let file = try NpyFile.writing(path)
    try header.withUnsafeBytes { try file.write($0, at: 0) }
    try file.write(UnsafeRawBufferPointer(rebasing: tensor.storage.bytes[..<tensor.byteCount]), at: header.count)
    try file.close()
  }

  /// Reads the array in a window of a file; the window may be longer than the array.
  static func read(_ file: NpyFile, at offset: Int, available: Int) throws -> Tensor {
    let (header, isBigEndian, length) = try NpyHeader.read(file, at: offset, available: available)
    let count = try header.byteCount()
    guard count <= available - length else {
      throw NpyError(
        "\(file.path) ends too early for an array of shape \(header.shape); it was cut short, copy it again")
    }
    let tensor = Tensor(header.type, header.shape)
    let bytes = UnsafeMutableRawBufferPointer(rebasing: tensor.storage.bytes[..<count])
    try file.read(bytes, at: offset + length)
    if isBigEndian { swapBytes(bytes, width: header.type.size) }
    return tensor
  }

  private static func swapBytes(_ bytes: UnsafeMutableRawBufferPointer, width: Int) {
    for first in stride(from: 0, to: bytes.count, by: width) {
      for i in 0..<width / 2 { bytes.swapAt(first + i, first + width - 1 - i) }
    }
  }
}
