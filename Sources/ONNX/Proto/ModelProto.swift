import Telemetry

// The messages of onnx.proto3 (github.com/onnx/onnx, onnx/onnx.proto), as far as a network needs them. Unknown fields are skipped.

/// ModelProto: the whole file.
struct ModelProto {
  var irVersion: Int64?
  var opsets: [(domain: String, version: Int64)] = []
  var producerName = ""
  var producerVersion = ""
  var docString = ""
  var graph: GraphProto?
  var metadata: [(key: String, value: String)] = []
  var functions: [FunctionProto] = []

  init(_ reader: WireReader) throws {
    var reader = reader
    while let field = try reader.next() {
      switch field.number {
      case 1: irVersion = try field.integer()
      case 2: producerName = try field.string(reader)
      case 3: producerVersion = try field.string(reader)
      case 6: docString = try field.string(reader)
      case 7: graph = try GraphProto(field.message(reader))
      case 8: opsets.append(try readOpset(field.message(reader)))
      case 14: metadata.append(try readEntry(field.message(reader)))
      case 25: functions.append(try FunctionProto(field.message(reader)))
      default: break
      }
    }
  }
}

/// OperatorSetIdProto: a domain and its version.
func readOpset(_ reader: WireReader) throws -> (domain: String, version: Int64) {
  var (reader, domain, version) = (reader, "", Int64(0))
  while let field = try reader.next() {
    if field.number == 1 { domain = try field.string(reader) }
    if field.number == 2 { version = try field.integer() }
  }
  return (domain, version)
}

/// StringStringEntryProto: a key and its value, which may be a file's name.
func readEntry(_ reader: WireReader) throws -> (key: String, value: String) {
  var (reader, key, value) = (reader, "", "")
  while let field = try reader.next() {
    if field.number == 1 { key = try field.string(reader) }
    if field.number == 2 { value = String(fileName: reader.source.bytes[try field.range()]) }
  }
  return (key, value)
}
