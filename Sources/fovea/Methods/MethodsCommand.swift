import Explanations
import Models
import Settings

/// `fovea methods`: the ways to say which places of a picture mattered.
enum MethodsCommand: Command {
  static let spec = CommandSpec(
    name: "methods", summary: "list the saliency methods: what they need, what they cost, the papers",
    discussion: """
      The cost is in forward passes, the first one included: C for each channel of the layer, P for each position of the \
      patch, M for each mask, N for each sample; a backward pass counts about 1.4, one that ends at a late layer next to \
      nothing.
      """,
    examples: [("fovea methods", "lists the names that annotate --saliency and explain --method take")])

  static func run(_ arguments: ParsedArguments) throws {
    let columns = [Column("method"), Column("cost"), Column("needs"), Column("paper"), Column("the map is")]
    let rows = MethodTable.all.map { method in
      let info = method.info
      return [info.name, info.cost, info.needs.words, info.paper, info.summary]
    }
    try Terminal.writeOut(align(columns, rows).joined(separator: "\n") + "\n")
  }
}
