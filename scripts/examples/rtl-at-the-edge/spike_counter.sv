// SPDX-License-Identifier: MIT
//
// Counts the output spikes that leave a statically scheduled chip on one of its rim wires.
//
// The wire has no valid bits: it holds its value, and the spikes of timestep t stand on it in cycle
// first + t * period of a sample. `busy` is high while the chip counts cycles; what is seen at a rising edge
// is what the wire carried in the cycle before. Counts are cleared when a sample begins.
module spike_counter #(
    parameter int WIDTH = 256,
    parameter int NEURONS = 10
) (
    input  logic             clk,
    input  logic             busy,
    input  logic [31:0]      first,
    input  logic [31:0]      period,
    input  logic [WIDTH-1:0] spikes,
    input  logic [31:0]      select,  // neuron to be read
    output logic [31:0]      count
);
  logic [31:0] cycle, due;
  logic [31:0] counts[NEURONS];

  always_ff @(posedge clk) begin
    if (!busy) begin
      cycle <= 0;
      due   <= first;
    end else begin
      cycle <= cycle + 1;
      if (cycle == due) due <= due + period;
      for (int n = 0; n < NEURONS; n++) begin
        if (cycle == 0) counts[n] <= 0;
        else if (cycle == due) counts[n] <= counts[n] + 32'(spikes[n]);
      end
    end
  end

  assign count = select < NEURONS ? counts[select[$clog2(NEURONS)-1:0]] : 0;

  // Of a wider wire only the neurons' bits are looked at.
  logic unused;
  assign unused = &{1'b0, spikes[WIDTH-1:NEURONS]};
endmodule
