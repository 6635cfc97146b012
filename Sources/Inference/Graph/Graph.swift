import Tensors

/// The number of a value in its graph.
package typealias ValueID = Int

/// A named value: a network input, a constant, or what a node computes.
package struct Value: Sendable {
  /// The ONNX name, unique in the graph.
  package var name: String
  /// The type, once inferred; of a network input, as given to `Graph.specialized`.
  package var type: TensorType?
  /// The elements, for a constant.
  package var constant: Tensor?

  package init(name: String, type: TensorType? = nil, constant: Tensor? = nil) {
    (self.name, self.type, self.constant) = (name, type, constant)
  }
}

/// One use of an operator.
package struct Node: Sendable {
  /// The ONNX node name, or one made from the op_type and position when the file has none.
  package var name: String
  package var op: any Operator
  /// The values it reads; nil for an optional input that is absent.
  package var inputs: [ValueID?]
  /// The values it computes; nil for an output that the model leaves unnamed.
  package var outputs: [ValueID?]

  package init(name: String, op: any Operator, inputs: [ValueID?], outputs: [ValueID?]) {
    (self.name, self.op, self.inputs, self.outputs) = (name, op, inputs, outputs)
  }
}

/// An extent of a network input as the model declares it.
package enum DeclaredExtent: Hashable, Sendable {
  /// A number in the file.
  case fixed(Int)
  /// Any size; a symbol such as "batch" where the file has one.
  case dynamic(String?)
}

/// A network input as the model declares it.
package struct DeclaredInput: Sendable {
  /// The value it fills.
  package var value: ValueID
  package var element: ElementType
  /// The extents; nil when the file gives no shape.
  package var extents: [DeclaredExtent]?

  package init(value: ValueID, element: ElementType, extents: [DeclaredExtent]?) {
    (self.value, self.element, self.extents) = (value, element, extents)
  }
}

/// A network as its file describes it: nodes in topological order over named values.
package struct Graph: Sendable {
  package var name: String
  package var values: [Value] { didSet { (isSpecialized, unfolded) = (false, nil) } }
  /// All nodes, each after those that compute its inputs.
  package var nodes: [Node] { didSet { (isSpecialized, unfolded) = (false, nil) } }
  /// What the caller fills.
  package var inputs: [DeclaredInput] { didSet { isSpecialized = false } }
  /// What the network answers.
  package var outputs: [ValueID] { didSet { isSpecialized = false } }
  /// True after `specialized`, until something is changed.
  var isSpecialized = false
  /// All nodes of the model, where `specialized` has computed the constant results of some; nil again once values or nodes are changed.
  var unfolded: [Node]?

  package init(name: String, values: [Value], nodes: [Node], inputs: [DeclaredInput], outputs: [ValueID]) {
    (self.name, self.values, self.nodes, self.inputs, self.outputs) = (name, values, nodes, inputs, outputs)
  }

  /// The value with this ONNX name, or nil.
  package func value(named name: String) -> ValueID? {
    values.firstIndex { $0.name == name }
  }
}
