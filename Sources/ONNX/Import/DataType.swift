import Tensors

/// TensorProto.DataType: how the elements lie in the file.
enum DataType: Int64 {
  case float = 1, uint8, int8, uint16, int16, int32, int64
  case bool = 9, float16, double, uint32, uint64
  case bfloat16 = 16

  /// The type of the elements in the file. Throws a clause for types that no classifier needs.
  init(code: Int64) throws {
    guard let type = DataType(rawValue: code) else {
      throw ImportFailure("has the unsupported element type \(Self.names[code] ?? "number \(code)")")
    }
    self = type
  }

  /// The type of the elements in the file.
  var stored: ElementType {
    switch self {
    case .float: .float32
    case .double: .float64
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .uint8: .uint8
    case .int8: .int8
    case .uint16: .uint16
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .uint32: .uint32
    case .uint64: .uint64
    case .bool: .bool
    }
  }

  /// The type of the elements in the graph: every floating-point type becomes float32.
  var imported: ElementType { stored.isFloatingPoint ? .float32 : stored }

  private static let names: [Int64: String] = [
    0: "undefined", 8: "string", 14: "complex64", 15: "complex128", 17: "float8e4m3fn", 18: "float8e4m3fnuz",
    19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4e2m1", 24: "float8e8m0",
  ]
}

/// What is wrong, as a clause that the importer completes with the node's or constant's name.
struct ImportFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
