import Foundation

/// Writes Protocol Buffers messages, right or wrong, field by field.
struct Proto {
  var bytes: [UInt8] = []

  init(_ fields: Proto...) { bytes = fields.flatMap(\.bytes) }
  init(_ fields: [Proto]) { bytes = fields.flatMap(\.bytes) }

  static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func raw(_ bytes: [UInt8]) -> Proto {
    var proto = Proto()
    proto.bytes = bytes
    return proto
  }

  static func int(_ field: UInt64, _ value: Int) -> Proto {
    raw(varint(field << 3) + varint(UInt64(bitPattern: Int64(value))))
  }

  static func float(_ field: UInt64, _ value: Float) -> Proto {
    raw(varint(field << 3 | 5) + withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) })
  }

  static func blob(_ field: UInt64, _ bytes: [UInt8]) -> Proto {
    raw(varint(field << 3 | 2) + varint(UInt64(bytes.count)) + bytes)
  }

  static func text(_ field: UInt64, _ text: String) -> Proto { blob(field, Array(text.utf8)) }
  static func message(_ field: UInt64, _ parts: Proto...) -> Proto { blob(field, parts.flatMap(\.bytes)) }
  static func message(_ field: UInt64, _ parts: [Proto]) -> Proto { blob(field, parts.flatMap(\.bytes)) }
}

/// The messages of onnx.proto3 that tests need.
extension Proto {
  /// A model with these parts of its graph. The field numbers are those of GraphProto.
  static func model(opset: Int = 17, extra: [Proto] = [], _ graph: [Proto]) -> [UInt8] {
    Proto(
      [.int(1, 8), .text(2, "fovea tests"), .message(8, .text(1, ""), .int(2, opset)), .message(7, graph)] + extra
    ).bytes
  }

  static func node(
    _ op: String, _ inputs: [String], _ outputs: [String], name: String = "", domain: String = "",
    _ attributes: [Proto] = []
  ) -> Proto {
    .message(
      1,
      inputs.map { .text(1, $0) } + outputs.map { .text(2, $0) } + [.text(3, name), .text(4, op), .text(7, domain)]
        + attributes)
  }

  static func ints(_ name: String, _ values: [Int]) -> Proto {
    .message(5, [.text(1, name), .int(20, 7)] + values.map { .int(8, $0) })
  }

  static func intAttribute(_ name: String, _ value: Int) -> Proto {
    .message(5, .text(1, name), .int(20, 2), .int(3, value))
  }

  static func floatAttribute(_ name: String, _ value: Float) -> Proto {
    .message(5, .text(1, name), .int(20, 1), .float(2, value))
  }

  static func value(_ field: UInt64, _ name: String, type: Int = 1, _ extents: [Int]) -> Proto {
    let shape = Proto.message(2, extents.map { .message(1, .int(1, $0)) })
    return .message(field, .text(1, name), .message(2, .message(1, .int(1, type), shape)))
  }

  static func input(_ name: String, type: Int = 1, _ extents: [Int]) -> Proto {
    value(11, name, type: type, extents)
  }

  static func output(_ name: String) -> Proto { value(12, name, []) }

  static func tensor(_ name: String, type: Int = 1, _ extents: [Int], _ contents: Proto...) -> [Proto] {
    extents.map { .int(1, $0) } + [.int(2, type), .text(8, name)] + contents
  }

  static func initializer(_ name: String, type: Int = 1, _ extents: [Int], _ contents: Proto...) -> Proto {
    .message(5, extents.map { .int(1, $0) } + [.int(2, type), .text(8, name)] + contents)
  }

  /// raw_data of float32 numbers.
  static func rawFloats(_ numbers: [Float]) -> Proto {
    blob(9, numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } })
  }
}
