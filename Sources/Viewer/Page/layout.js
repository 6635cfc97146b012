// Places the layers of a network: columns by depth, branches under one another.

const gap = 7, tall = 84, low = 12;

/** `{blocks: [{x, y, width, height}], width, height, columns}` for the layers of /v1/layers. */
export function place(layers) {
  const columns = [];
  const depth = depths(layers);
  layers.forEach((layer, index) => (columns[depth[index]] ||= []).push(index));
  const blocks = [];
  let x = gap * 2;
  for (const column of columns) {
    const width = Math.max(...column.map((index) => thickness(layers[index])));
    stack(column, layers, blocks, x, width);
    x += width + gap;
  }
  return { blocks, depth, width: x + gap, height: tall + 2 * room };
}

/** Free height above and below the blocks, for the links that skip layers. */
export const room = 20;

// A layer comes one column after the last of its inputs.
function depths(layers) {
  const depth = [];
  layers.forEach((layer, index) => {
    depth.push(Math.max(-1, ...(layer.inputs || []).filter((from) => from < index).map((from) => depth[from])) + 1);
  });
  return depth;
}

function stack(column, layers, blocks, x, width) {
  const between = 4, share = (tall - between * (column.length - 1)) / column.length;
  const sizes = column.map((index) => Math.max(5, Math.min(share, extent(layers[index]) * (column.length > 1 ? 0.62 : 1))));
  let y = room + (tall - sizes.reduce((sum, size) => sum + size, 0) - between * (column.length - 1)) / 2;
  column.forEach((index, place) => {
    const own = thickness(layers[index]);
    blocks[index] = { x: x + (width - own) / 2, y, width: own, height: sizes[place] };
    y += sizes[place] + between;
  });
}

// Sizes span two orders of magnitude; logarithms keep the small ones visible.
function extent(layer) {
  const size = Math.max(layer.height || 1, layer.width || 1);
  return Math.min(tall, low + (tall - low) * Math.log2(size) / Math.log2(224));
}

function thickness(layer) {
  const most = layer.kind === "activation" || layer.kind === "normalization" || layer.kind === "shape" ? 13 : 40;
  return Math.min(most, 7 + 3 * Math.max(0, Math.log2((layer.channels || 1) / 4)));
}
