import Foundation
import Tensors
import TestSupport

/// A model with what it is given and what the peer answered.
struct OperatorCase {
  var name: String
  var model: [UInt8]
  var inputs: [(name: String, tensor: Tensor)]
  var outputs: [(name: String, tensor: Tensor)]
}

/// The containers that Tests/ONNXTests/Fixtures/make_fixtures.py writes; the format is in frame.py.
enum OperatorCases {
  static let folder = TestData.root.appendingPathComponent("Tests/ONNXTests/Fixtures")

  /// The names of the families, one file each.
  static let families: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".cases") }.map { String($0.dropLast(6)) }.sorted()
  }()

  /// All cases of a family.
  static func load(_ family: String) throws -> [OperatorCase] {
    let data = try Data(contentsOf: folder.appendingPathComponent("\(family).cases"))
    var reader = CaseReader(bytes: [UInt8](data))
    guard reader.take(8) == Array("FOVEACAS".utf8), reader.u32() == 1 else { throw CaseError() }
    return (0..<reader.u32()).map { _ in
      let (name, model) = (reader.text(), reader.blob())
      return OperatorCase(name: name, model: model, inputs: reader.tensors(), outputs: reader.tensors())
    }
  }
}

struct CaseError: Error {}

/// Reads a trusted file: a wrong one may trap.
private struct CaseReader {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func take(_ count: Int) -> [UInt8] {
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  mutating func u32() -> Int { take(4).reversed().reduce(0) { $0 << 8 | Int($1) } }

  mutating func text() -> String {
    let count = take(2).reversed().reduce(0) { $0 << 8 | Int($1) }
    return String(decoding: take(count), as: UTF8.self)
  }

  mutating func blob() -> [UInt8] {
    let count = u32()
    return take(count)
  }

  mutating func tensors() -> [(name: String, tensor: Tensor)] {
    (0..<u32()).map { _ in
      let name = text()
      let (code, rank) = (take(1)[0], Int(take(1)[0]))
      let tensor = Tensor(ElementType(rawValue: code)!, Shape((0..<rank).map { _ in u32() }))
      tensor.storage.bytes.copyBytes(from: take(tensor.byteCount))
      return (name, tensor)
    }
  }
}
