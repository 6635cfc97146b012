/// FunctionProto: an operator that the file defines by nodes.
struct FunctionProto {
  var name = ""
  var domain = ""
  /// Tells functions of the same name apart.
  var overload = ""
  var inputs: [String] = []
  var outputs: [String] = []
  /// Attributes that have a value where the call gives none.
  var defaults: [AttributeProto] = []
  var nodes: [NodeProto] = []
  var opsets: [(domain: String, version: Int64)] = []

  init(_ reader: WireReader) throws {
    var reader = reader
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.string(reader)
      case 4: inputs.append(try field.string(reader))
      case 5: outputs.append(try field.string(reader))
      case 7: nodes.append(try NodeProto(field.message(reader)))
      case 9: opsets.append(try readOpset(field.message(reader)))
      case 10: domain = try field.string(reader)
      case 11: defaults.append(try AttributeProto(field.message(reader)))
      case 13: overload = try field.string(reader)
      default: break
      }
    }
    if domain == "ai.onnx" { domain = "" }
  }

  /// How nodes call it: as `NodeProto.key`.
  var key: String { domain.isEmpty ? name : "\(domain).\(name)" }
}
